<?php

declare(strict_types=1);

use Example\Guestbook;

require __DIR__ . '/../src/Guestbook.php';

$book = new Guestbook((getenv('HOP3_STATE_DIR') ?: sys_get_temp_dir()) . '/guests.txt');
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);

if ($path === '/sign' && $_SERVER['REQUEST_METHOD'] === 'POST') {
    $book->sign((string) ($_POST['name'] ?? ''));
    header('Location: /', true, 303);
    exit;
}
if ($path !== '/') {
    http_response_code(404);
    exit("There is no such page.\n");
}
$paris = (new DateTimeImmutable('@0'))->setTimezone(new DateTimeZone('Europe/Paris'));
?>
<!doctype html>
<title>Guestbook</title>
<link rel="stylesheet" href="style.css">
<h1><?= count($book->names()) ?> guests since <?= $paris->format('j F Y, H:i T') ?></h1>
<ul>
<?php foreach ($book->names() as $name) : ?>
<li><?= htmlspecialchars($name) ?></li>
<?php endforeach ?>
</ul>
