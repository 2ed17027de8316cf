# frozen_string_literal: true

# gem_digests.rb GEMS: print the SHA-256 of each gem, by file name, as its server tells it.
#
# GEMS is JSON, a list of `name`, `version` (with the platform), `filename` and `remote`. The digest
# is that of the compact index; of a server that has no such index, or none of the gem in it, the
# gem itself is fetched.

require "bundler"
require "digest"
require "json"
require "rubygems/remote_fetcher"
require "uri"

def fetch(remote, path)
  uri = URI(Bundler.settings.mirror_for(remote).to_s)
  uri.userinfo ||= Bundler.settings.credentials_for(URI(remote))
  uri.path = "#{uri.path.chomp("/")}/#{path}"
  Gem::RemoteFetcher.fetcher.fetch_path(uri)
end

# Digest by version of the gem `name`, none if there is no such index.
def indexed(remote, name)
  lines = fetch(remote, "info/#{name}").lines(chomp: true)
  lines.filter_map do |line|
    version = line[/\A(\S+) /, 1]
    digest = line[/[|,]checksum:(\h{64})/, 1]
    [version, digest] if version && digest
  end.to_h
rescue Gem::RemoteFetcher::FetchError => e
  raise unless e.message.match?(/\b40[34]\b|no such/i)

  {}
end

begin
  gems = JSON.parse(ARGV.fetch(0))
  found = gems.group_by { |gem| gem.values_at("remote", "name") }.flat_map do |(remote, name), wanted|
    digests = indexed(remote, name)
    wanted.map do |gem|
      digest = digests[gem["version"]]
      digest ||= Digest::SHA256.hexdigest(fetch(remote, "gems/#{gem["filename"]}"))
      [gem["filename"], digest]
    end
  end
  puts JSON.generate(found.to_h)
rescue Gem::RemoteFetcher::FetchError => e
  warn e.message
  exit 1
end
