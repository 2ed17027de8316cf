# The smallest web application: it greets whoever asks.
require "socket"

server = TCPServer.new("0.0.0.0", Integer(ENV.fetch("PORT")))
trap("TERM") { exit }

loop do
  client = server.accept
  nil until client.gets.to_s.strip.empty?
  client.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nHello from Ruby\n")
  client.close
end
