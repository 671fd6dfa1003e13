#include "cosim/regress/rtl/rtl_words.h"

#include <sstream>

#include "cosim/regress/error.h"

namespace qosim::regress
{

RtlWords::RtlWords(const char *text)
{
    std::istringstream words(text);
    std::string word;

    std::getline(words, first_, ',');
    while (std::getline(words, word, ',')) {
        const size_t equals = word.find('=');

        words_[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
    }
}

unsigned RtlWords::take(const std::string &key, unsigned least, unsigned most, unsigned otherwise)
{
    const auto word = words_.find(key);
    guint64 value = 0;

    known_.push_back(key);
    if (word == words_.end()) {
        return otherwise;
    }
    if (!g_ascii_string_to_unsigned(word->second.c_str(), 10, least, most, &value, nullptr)) {
        wrong_ = key + " is a number from " + std::to_string(least) + " to " +
                 std::to_string(most) + ", not \"" + word->second + "\"";
        value = otherwise;
    }
    words_.erase(word);
    return static_cast<unsigned>(value);
}

bool RtlWords::done(const char *name, GError **error) const
{
    std::string known;

    if (wrong_.empty() && words_.empty()) {
        return true;
    }
    for (const auto &key : known_) {
        known += (known.empty() ? "" : ", ") + key;
    }
    if (wrong_.empty()) {
        regress_usage(error, "%s: no option %s; there are %s", name, words_.begin()->first.c_str(),
                      known.c_str());
    } else {
        regress_usage(error, "%s: %s", name, wrong_.c_str());
    }
    return false;
}

} // namespace qosim::regress
