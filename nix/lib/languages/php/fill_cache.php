<?php
// usage: php fill_cache.php LIBRARIES DISTS
// Put the archives of composer.lock into composer's own cache, by the names that it has for them
// there, so that it installs the lock as it stands. DISTS is JSON: the name of each file and where
// it is. It is run in the application's tree.
require $argv[1] . '/Composer/autoload.php';
$config = Composer\Factory::createConfig();
$files = json_decode(file_get_contents($argv[2]), true, 512, JSON_THROW_ON_ERROR);
$lock = json_decode(file_get_contents('composer.lock'), true, 512, JSON_THROW_ON_ERROR);
foreach ([...$lock['packages'], ...$lock['packages-dev'] ?? []] as $package) {
    $dist = $package['dist'] ?? null;
    $name = str_replace('/', '--', $package['name']) . '-' . $package['version'] . '.' . ($dist['type'] ?? '');
    if ($dist === null || !isset($files[$name])) {
        continue;
    }
    $url = $dist['url'];
    if (($dist['reference'] ?? null) !== null) {
        $url = Composer\Util\Url::updateDistReference($config, $url, $dist['reference']);
    }
    $key = preg_replace('{[^a-z0-9_./]}i', '-', $package['name'] . '/' . sha1($url) . '.' . $dist['type']);
    $cached = getenv('COMPOSER_CACHE_DIR') . '/files/' . $key;
    if (!is_dir(dirname($cached))) {
        mkdir(dirname($cached), 0755, true);
    }
    symlink($files[$name], $cached);
}
