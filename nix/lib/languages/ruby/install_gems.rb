# frozen_string_literal: true

# install_gems.rb SPEC OUT: install locked gems, and compile what of them is written in C.
#
# SPEC is JSON, `gems` being a list of `filename` and `path`. They are installed where Bundler
# looks for them when BUNDLE_PATH is OUT, with nothing that differs from one build to the next, and
# OUT/bin has their programs. No gem is fetched: what is not in SPEC is not there.

require "fileutils"
require "json"
require "rubygems/installer"
require "tsort"

# Gems by name, in an order in which each comes after those that it needs.
class Gems
  include TSort

  def initialize(packages)
    @packages = packages.to_h { |package| [package.spec.name, package] }
  end

  def tsort_each_node(&) = @packages.each_value(&)

  def tsort_each_child(package, &)
    package.spec.runtime_dependencies.filter_map { |needed| @packages[needed.name] }.each(&)
  end

  # Gems may need each other; then it does not matter which comes first.
  def in_order = strongly_connected_components.flatten
end

def fail_with(message)
  warn "hop3-nix: #{message}"
  exit 1
end

def open_gem(filename, path)
  package = Gem::Package.new(path)
  spec = package.spec
  fail_with "#{filename} holds another gem: #{spec.full_name}" unless spec.file_name == filename
  ruby = spec.required_ruby_version
  unless ruby.satisfied_by?(Gem.ruby_version)
    fail_with "#{spec.full_name} needs Ruby #{ruby}, and this is #{Gem.ruby_version}"
  end
  package
rescue Gem::Package::Error, Gem::Exception, Zlib::Error => e
  fail_with "#{filename} is no gem, or a damaged one: #{e.message.lines.first&.strip}"
end

def install(package, home)
  Gem::Installer.new(
    package,
    install_dir: home,
    force: true,
    ignore_dependencies: true,
    wrappers: true,
    env_shebang: false
  ).install
rescue Gem::Ext::BuildError => e
  log = File.join(package.spec.extension_dir, "mkmf.log")
  warn File.read(log) if File.exist?(log)
  # Among the options of every makefile, what went wrong would not be seen.
  warn e.message.lines.grep_v(/\A\t--|\A\s*\z|configuration options|more details/).join
  fail_with "#{package.spec.full_name} cannot be compiled, as said above. " \
            "Libraries and programs that it needs belong into [build] packages in hop3.toml"
end

# What compiling leaves beside what it is for: logs with times and places, objects, makefiles.
def clean(spec)
  FileUtils.rm_f(spec.cache_file)
  return if spec.extensions.empty?

  FileUtils.rm_f(%w[gem_make.out mkmf.log].map { |name| File.join(spec.extension_dir, name) })
  spec.extensions.each do |extension|
    top = File.join(spec.gem_dir, File.dirname(extension))
    left = Dir.glob("#{top}/**/{Makefile,mkmf.log,*.o,*.so}")
    FileUtils.rm_f(left - spec.files.map { |file| File.join(spec.gem_dir, file) })
  end
end

# A program as `bundle exec` runs it: with the gems of the Gemfile, and no others.
def write_program(out, spec, name)
  file = File.join(out, "bin", name)
  File.write(file, <<~PROGRAM)
    #!#{Gem.ruby}
    require "bundler/setup"
    load Gem.bin_path(#{spec.name.dump}, #{name.dump})
  PROGRAM
  File.chmod(0o755, file)
end

$stdout.sync = true
spec_file, out = ARGV
gems = JSON.parse(File.read(spec_file)).fetch("gems")
home = File.join(out, "ruby", RbConfig::CONFIG["ruby_version"])
FileUtils.mkdir_p([home, File.join(out, "bin")])
# What is compiled may call programs of gems that it needs.
ENV.update("GEM_HOME" => home, "GEM_PATH" => home)
Gem.clear_paths
Gem::DefaultUserInteraction.ui = Gem::SilentUI.new

installed = Gems.new(gems.map { |gem| open_gem(gem["filename"], gem["path"]) }).in_order.map do |package|
  puts "installing #{package.spec.full_name}"
  install(package, home)
end
installed.each { |spec| clean(spec) }
# A program that two gems have is that of the gem which is called as it is.
installed.flat_map { |spec| spec.executables.map { |name| [spec, name] } }
         .sort_by { |spec, name| spec.name == name ? 1 : 0 }
         .each { |spec, name| write_program(out, spec, name) }
FileUtils.rm_rf(%w[build_info cache doc].map { |name| File.join(home, name) })
