# frozen_string_literal: true

require "bundler/setup"
require_relative "app"

run Greeter
