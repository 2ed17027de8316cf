# frozen_string_literal: true

run lambda { |env|
  body = "Hello from Rack #{Rack.release}: #{env["PATH_INFO"]}\n"
  [200, { "Content-Type" => "text/plain" }, [body]]
}
