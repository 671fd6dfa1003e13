/* The words of a target's name behind the colon: FIRST,KEY=NUMBER,... */
#ifndef QOSIM_COSIM_REGRESS_RTL_RTL_WORDS_H
#define QOSIM_COSIM_REGRESS_RTL_RTL_WORDS_H

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <glib.h>

namespace qosim::regress
{

class RtlWords
{
  public:
    explicit RtlWords(const char *text);

    const std::string &first() const
    {
        return first_;
    }
    // The number of @key, which may be named so: @otherwise if it was not, or if it is none from @least to @most (done() tells).
    unsigned take(const std::string &key, unsigned least, unsigned most, unsigned otherwise);

    // False with REGRESS_ERROR_USAGE when a word was wrong, or one that nobody takes. @name is the target's.
    bool done(const char *name, GError **error) const;

  private:
    std::string first_, wrong_;
    std::map<std::string, std::string> words_; // that nobody has taken
    std::vector<std::string> known_;
};

} // namespace qosim::regress

#endif
