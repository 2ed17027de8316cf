<?php

declare(strict_types=1);

namespace Example;

/** The names in a file, one a line. */
final class Guestbook
{
    public function __construct(private readonly string $file)
    {
    }

    public function sign(string $name): void
    {
        file_put_contents($this->file, trim($name) . "\n", FILE_APPEND | LOCK_EX);
    }

    /** @return list<string> */
    public function names(): array
    {
        return is_file($this->file) ? file($this->file, FILE_IGNORE_NEW_LINES) : [];
    }
}
