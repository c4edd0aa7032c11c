#include "cli/typed_command.hpp"

#include <algorithm>
#include <fstream>

#include "core/base/secret.hpp"

namespace vmferry::cli {

namespace {

std::string quoted(const std::string& word)
{
    constexpr std::string_view k_plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:,=@%+";
    if (!word.empty() && word.find_first_not_of(k_plain) == std::string::npos) {
        return word;
    }
    std::string text = "'";
    for (const char one : word) {
        text += one == '\'' ? "'\\''" : std::string(1, one);
    }
    return text + "'";
}

}  // namespace

std::string typed_command()
{
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    std::vector<std::string> words;
    for (std::string word; std::getline(file, word, '\0');) {
        words.push_back(std::move(word));
    }
    return typed_command(words);
}

std::string typed_command(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words) {
        const bool is_uri = word.find("://") != std::string::npos;
        text += text.empty() ? "vmferry" : " " + quoted(is_uri ? redact_uri(word) : word);
    }
    return text;
}

}  // namespace vmferry::cli
