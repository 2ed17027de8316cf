#pragma once

#include <string>

// The body for a path, which says when it was asked for and what its checksum is.
std::string answer(const std::string &path);
