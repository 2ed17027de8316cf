# frozen_string_literal: true

require "sinatra/version"

$stdout.sync = true
loop do
  puts "tick, with Sinatra #{Sinatra::VERSION}"
  sleep 1
end
