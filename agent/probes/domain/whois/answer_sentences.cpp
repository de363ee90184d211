#include "agent/probes/domain/whois/answer_sentences.h"

#include <algorithm>
#include <array>
#include <span>

#include "agent/probes/domain/whois/plain_text.h"

namespace muster::domains::whois {
namespace {

using Phrases = std::span<const std::string_view>;

// Nobody says this in more; terms of use in one line are longer.
constexpr size_t kLongestSentence = 240;

constexpr std::array<std::string_view, 38> kFree = {"not found",
                                                    "no match",
                                                    "no matches",
                                                    "no entries found",
                                                    "no entry found",
                                                    "no data found",
                                                    "no object found",
                                                    "no objects found",
                                                    "no found",
                                                    "no matching record",
                                                    "no matching records",
                                                    "no matching objects found",
                                                    "no record found",
                                                    "no records found",
                                                    "no records matching",
                                                    "nothing found",
                                                    "nothing known",
                                                    "no such domain",
                                                    "does not exist",
                                                    "is not registered",
                                                    "not registered",
                                                    "not been registered",
                                                    "is available for registration",
                                                    "is available",
                                                    "is free",
                                                    "no information available about domain name",
                                                    "domain name not known",
                                                    "this query returned 0 objects",
                                                    "error 101",
                                                    "error 103",
                                                    "nincs talalat",
                                                    "available for purchase",
                                                    "no encontrado",
                                                    "no se encuentra registrado",
                                                    "no esta registrado",
                                                    "등록되어 있지 않습니다",
                                                    "no information was found",
                                                    "status free"};

// What may stand beside these phrases: "The requested domain was not found in our database."
constexpr std::array<std::string_view, 58> kBeside = {
    "the",        "this",      "that",      "a",           "an",           "your",
    "our",        "you",       "requested", "queried",     "selected",     "object",
    "objects",    "domain",    "name",      "names",       "domains",      "query",
    "record",     "records",   "entry",     "has",         "was",          "is",
    "in",         "for",       "of",        "or",          "by",           "to",
    "and",        "from",      "database",  "registry",    "register",     "registrar",
    "registrars", "whois",     "server",    "s",           "source",       "sources",
    "error",      "currently", "yet",       "sorry",       "found",        "does",
    "not",        "no",        "match",     "matching",    "registration", "status",
    "available",  "been",      "상기",      "도메인이름은"};

// A "not found" of something else.
constexpr std::array<std::string_view, 11> kOfOthers = {
    "tld",    "extension",           "server not found", "command",    "page", "contact",
    "handle", "registrar not found", "suffix",           "nameserver", "zone"};

constexpr std::array<std::string_view, 20> kReserved = {
    "name is reserved",
    "domain is reserved",
    "is a reserved name",
    "is a reserved domain",
    "has been reserved",
    "is reserved by",
    "reserved name",
    "reserved domain name",
    "is reserved",
    "name reserved",
    "domain reserved",
    "reserved by registry",
    "reserved by the registry",
    "not available for registration",
    "not available for second level registration",
    "unavailable for registration",
    "cannot be registered",
    "can not be registered",
    "name is blocked",
    "is prohibited from registration"};

constexpr std::array<std::string_view, 44> kThrottled = {"limit exceeded",
                                                         "limit has been exceeded",
                                                         "limit has exceeded",
                                                         "limits exceeded",
                                                         "limit reached",
                                                         "limit has been reached",
                                                         "quota exceeded",
                                                         "quota has been exceeded",
                                                         "quota reached",
                                                         "over quota",
                                                         "exceeded the",
                                                         "exceeded your",
                                                         "exceeded maximum",
                                                         "exceeded allowed",
                                                         "exceeded max",
                                                         "queries exceeded",
                                                         "requests exceeded",
                                                         "has been exceeded",
                                                         "second exceeded",
                                                         "minute exceeded",
                                                         "hour exceeded",
                                                         "day exceeded",
                                                         "too many queries",
                                                         "too many requests",
                                                         "too many connections",
                                                         "too many lookups",
                                                         "too many simultaneous",
                                                         "too many concurrent",
                                                         "excessive querying",
                                                         "excessive queries",
                                                         "query rate reached",
                                                         "interval is too short",
                                                         "still in grace period",
                                                         "try again later",
                                                         "try again in",
                                                         "try later",
                                                         "slow down",
                                                         "temporarily blocked",
                                                         "temporarily blacklisted",
                                                         "temporarily denied",
                                                         "been blacklisted",
                                                         "is blacklisted",
                                                         "server is busy",
                                                         "rate limited please"};

constexpr std::array<std::string_view, 22> kRefused = {"access denied",
                                                       "permission denied",
                                                       "request denied",
                                                       "query denied",
                                                       "connection refused",
                                                       "access refused",
                                                       "not authorized to query",
                                                       "unauthorized",
                                                       "forbidden query",
                                                       "not authoritative",
                                                       "unsupported",
                                                       "not supported",
                                                       "no whois server",
                                                       "invalid query",
                                                       "invalid domain",
                                                       "invalid request",
                                                       "invalid input",
                                                       "malformed",
                                                       "syntax error",
                                                       "bad request",
                                                       "tld is not",
                                                       "illegal domain"};

// In conditions of use: "if you have exceeded the …", "may be denied".
constexpr std::array<std::string_view, 10> kConditions = {
    "if you",      "if the",   "may be",  "may result",    "agree",
    "will result", "must not", "in case", "prohibited to", "should the"};

bool has_phrase(const std::string& words, std::string_view phrase) {
  for (size_t at = words.find(phrase); at != std::string::npos; at = words.find(phrase, at + 1)) {
    const size_t end = at + phrase.size();
    if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' '))
      return true;
  }
  return false;
}

bool has_one_of(const std::string& words, Phrases phrases) {
  return std::ranges::any_of(
      phrases, [&words](std::string_view phrase) { return has_phrase(words, phrase); });
}

struct Sentence {
  std::string words;           // without the names of domains
  bool names_domain = false;   // the one that was asked for
  bool names_another = false;  // one with the same last label
};

Sentence read_sentence(std::string_view text, std::string_view domain) {
  Sentence sentence;
  const std::string_view last_label = domain.substr(domain.rfind('.') + 1);
  std::vector<std::string> words;
  for (std::string_view part : parts_of(text, " \t\"'`<>(),;:!?[]")) {
    while (part.ends_with('.'))
      part.remove_suffix(1);
    const std::string name = domain_in_sentence(part, domain);
    if (!name.empty() && name == domain) {
      sentence.names_domain = true;
      continue;
    }
    const bool has_dot = name.find('.') != std::string::npos;
    if (has_dot && name.substr(name.rfind('.') + 1) == last_label) sentence.names_another = true;
    for (std::string& word : words_of(part))
      words.push_back(std::move(word));
  }
  sentence.words = joined(words);
  return sentence;
}

bool is_beside(const std::string& word) {
  return std::ranges::find(kBeside, word) != kBeside.end();
}

// Either the sentence begins with the phrase, or names the domain, or says little else.
bool says_free(const Sentence& sentence) {
  if (sentence.names_another || has_one_of(sentence.words, kOfOthers)) return false;
  for (const std::string_view phrase : kFree) {
    if (!has_phrase(sentence.words, phrase)) continue;
    if (sentence.names_domain || sentence.words.starts_with(phrase)) return true;
    const size_t at = sentence.words.find(phrase);
    const std::string rest =
        sentence.words.substr(0, at) + sentence.words.substr(at + phrase.size());
    if (std::ranges::all_of(words_of(rest), is_beside)) return true;
    // "Invalid query or domain name not known in the registry": what is asked is never invalid.
    if (phrase == "domain name not known") return true;
  }
  return false;
}

// "is available" and its like are said of a domain that is not, too: "is not available".
bool says_contrary(const Sentence& sentence) {
  return has_one_of(sentence.words, std::array<std::string_view, 6>{
                                        "not available", "unavailable", "is not free",
                                        "not be available", "may be available", "is registered"});
}

}  // namespace

Said said_in(const std::vector<std::string>& sentences, std::string_view domain) {
  Said said;
  for (const std::string& text : sentences) {
    if (text.size() > kLongestSentence) continue;
    const Sentence sentence = read_sentence(text, domain);
    if (sentence.words.empty()) continue;
    if (has_one_of(sentence.words, kReserved)) {
      said.reserved = text;
      continue;
    }
    const bool condition = has_one_of(sentence.words, kConditions);
    if (has_one_of(sentence.words, kThrottled) && !condition) {
      said.throttled = text;
    } else if (says_free(sentence) && !says_contrary(sentence)) {
      said.free = true;
    } else if (has_one_of(sentence.words, kRefused) && !condition) {
      said.refused = text;
    }
  }
  return said;
}

}  // namespace muster::domains::whois
