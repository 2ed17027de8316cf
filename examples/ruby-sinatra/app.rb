# frozen_string_literal: true

require "json"
require "sinatra/base"

# Says hello, and what it runs on.
class Greeter < Sinatra::Base
  get("/") { "Hello from Sinatra #{Sinatra::VERSION}, served by Puma #{Puma::Const::VERSION}" }

  get "/health" do
    content_type :json
    { status: "ok", ruby: RUBY_VERSION }.to_json
  end

  get "/parser" do
    # The part of Puma that is written in C.
    $LOADED_FEATURES.grep(/puma_http11/).first.to_s
  end
end
