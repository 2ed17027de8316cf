<?php

declare(strict_types=1);

// A worker beside the pages.
echo 'it ticks, with PHP ', PHP_MAJOR_VERSION, "\n";
sleep(600);
