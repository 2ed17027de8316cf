# frozen_string_literal: true

# fetch_gems.rb SPEC TREE: put every gem of SPEC where it says, from its address or from TREE, after
# verifying its digest. Mirrors and credentials are those of Bundler's own configuration.

require "bundler"
require "digest"
require "fileutils"
require "json"
require "rubygems/remote_fetcher"
require "uri"

def fail_with(message)
  warn "hop3-nix: #{message}"
  exit 1
end

def fetch(url)
  remote, _, file = url.rpartition("gems/")
  uri = URI(Bundler.settings.mirror_for(remote).to_s)
  uri.userinfo ||= Bundler.settings.credentials_for(URI(remote))
  uri.path = "#{uri.path.chomp("/")}/gems/#{file}"
  Gem::RemoteFetcher.fetcher.fetch_path(uri)
end

$stdout.sync = true
spec_file, tree = ARGV
JSON.parse(File.read(spec_file)).fetch("gems").each do |gem|
  FileUtils.mkdir_p(File.dirname(gem["path"]))
  if gem["source"]
    FileUtils.cp(File.join(tree, gem["source"]), gem["path"])
    next
  end
  puts "fetching #{gem["url"]}"
  begin
    content = fetch(gem["url"])
  rescue Gem::RemoteFetcher::FetchError => e
    fail_with e.message.sub(/bad response .*? (?=\d{3} )/, "HTTP error ")
  end
  digest = Digest::SHA256.hexdigest(content)
  if digest != gem["sha256"]
    fail_with "hash mismatch: #{gem["url"]}\n  locked: #{gem["sha256"]}\n  got:    #{digest}"
  end
  File.binwrite(gem["path"], content)
end
