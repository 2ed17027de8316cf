#include "answers.h"

#include <ctime>
#include <fstream>
#include <sstream>
#include <zlib.h>

std::string answer(const std::string &path) {
    std::time_t now = std::time(nullptr);
    char zone[64] = "";
    std::strftime(zone, sizeof zone, "%Z", std::localtime(&now));
    std::stringstream text;
    text << std::ifstream("words.txt").rdbuf();
    text << "You asked for " << path << " (" << zone << ", crc32 "
         << crc32(0, reinterpret_cast<const Bytef *>(path.data()), path.size()) << ").\n";
    return text.str();
}
