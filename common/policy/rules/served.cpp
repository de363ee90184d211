#include "common/policy/rules/served.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/counted.h"
#include "common/policy/rules/one_section.h"
#include "common/policy/rules/tls_words.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kLongestName = 256;
constexpr size_t kLongestAddress = 64;

// "443/shop.example.org".
std::string named(const std::string& socket, std::string_view name) {
  return fmt::format("{}/{}", socket, printable(name, kLongestName));
}

// Whether the server said that for this name it has no certificate to show.
bool says_that_it_has_none(v1::TlsAnswer answer) {
  return answer == v1::TLS_ANSWER_ALERT || answer == v1::TLS_ANSWER_NOT_TLS ||
         answer == v1::TLS_ANSWER_NOT_THE_PROTOCOL || answer == v1::TLS_ANSWER_NO_STARTTLS;
}

// Whether its configuration has the name that it was asked for.
bool is_asked_for_a_configured_name(const v1::TlsService& service, const v1::Listener& listener) {
  const auto& names = listener.configured_names();
  return std::find(names.begin(), names.end(), service.server_name()) != names.end();
}

class Judging {
 public:
  Judging(const RuleInput& input, const ServedWords& words, const JudgeServed& judge)
      : input_(input), words_(words), judge_(judge) {}

  RuleOutput take() {
    if (input_.host.kind == kHostKind) {
      listeners();
    } else {
      target();
    }
    summarize();
    return std::move(output_);
  }

 private:
  void add(std::string subject, Kind kind, std::string reason) {
    output_.judgements.push_back({.subject = std::move(subject),
                                  .kind = kind,
                                  .reason = std::move(reason),
                                  .holds_until = holds_until_});
  }

  void listeners() {
    const auto section = read_one_section<v1::ListenerFacts>(input_, kListenerProbe, output_);
    if (section.facts == nullptr) return;
    holds_until_ = section.holds_until;
    for (const v1::Listener& listener : section.facts->listeners())
      judge_listener(listener, *section.facts);
    if (section.facts->listeners_omitted() > 0) {
      add("", Kind::kUnknown,
          fmt::format("{} more listening sockets are beyond the probe's limit",
                      section.facts->listeners_omitted()));
    }
    if (!speaks_tls_ && not_known_ > 0) {
      add("", Kind::kNotApplicable,
          fmt::format("no socket is known to speak TLS; of {} it is not known (listeners_known)",
                      not_known_));
    } else if (output_.judgements.empty()) {
      add("", Kind::kNotApplicable, "no listening socket speaks TLS");
    }
  }

  void judge_listener(const v1::Listener& listener, const v1::ListenerFacts& facts) {
    switch (listener.state()) {
      case v1::LISTENER_STATE_TLS:
        speaks_tls_ = true;
        return services_of(listener, facts);
      case v1::LISTENER_STATE_NO_TLS:
        return;
      case v1::LISTENER_STATE_LEFT_ALONE:
        return add(socket_of(listener), Kind::kNotApplicable, left_alone_in_words(listener));
      case v1::LISTENER_STATE_OUT_OF_REACH:
        if (is_of_container(listener)) {
          return add(socket_of(listener), Kind::kNotApplicable, out_of_reach_in_words(listener));
        }
        ++not_known_;
        return;
      case v1::LISTENER_STATE_NOT_ASKED:
      case v1::LISTENER_STATE_UNKNOWN:
        ++not_known_;
        return;
      default:
        return add(socket_of(listener), Kind::kUnknown,
                   place_of_socket(listener) + " was looked at in a way newer than this collector");
    }
  }

  void services_of(const v1::Listener& listener, const v1::ListenerFacts& facts) {
    for (const v1::TlsService& service : listener.services())
      judge_service(service, &listener, facts.chains(), &facts);
    const std::string socket = socket_of(listener);
    const std::string place = place_of_socket(listener);
    if (listener.services().empty()) {
      add(socket, Kind::kUnknown, place + " speaks TLS, and what it serves was not told");
    }
    for (const std::string& name : listener.names_not_asked()) {
      add(named(socket, name), Kind::kUnknown,
          fmt::format("{} was not asked for {} yet", place, printable(name, kLongestName)));
    }
    if (listener.names_omitted() > 0) {
      add(named(socket, "*"), Kind::kUnknown,
          fmt::format("{} is not asked for {}: there are too many", place,
                      counted(listener.names_omitted(), "more name")));
    }
  }

  void target() {
    const auto section = read_one_section<v1::TlsFacts>(input_, kTlsProbe, output_);
    if (section.facts == nullptr) return;
    holds_until_ = section.holds_until;
    for (const v1::TlsService& service : section.facts->services())
      judge_service(service, nullptr, section.facts->chains(), nullptr);
    for (const std::string& address : section.facts->not_allowed()) {
      add(printable(address, kLongestAddress), Kind::kUnknown,
          fmt::format("{} was not asked: targets.allow does not list it",
                      printable(address, kLongestAddress)));
    }
    if (output_.judgements.empty()) add("", Kind::kUnknown, "none of its addresses was asked");
  }

  void judge_service(const v1::TlsService& service, const v1::Listener* listener,
                     const ServedChains& chains, const v1::ListenerFacts* listeners) {
    const std::string place = place_of(service, listener);
    const v1::ServedChain* const chain = chain_of(service, chains);
    if (chain == nullptr) {
      // At a target, something else than what should be there answers. A socket that has none for a
      // name has nothing to be judged, save where its configuration says that it has one.
      const bool has_none = listener != nullptr && says_that_it_has_none(service.answer()) &&
                            !is_asked_for_a_configured_name(service, *listener);
      return add(subject_of(service, listener), has_none ? Kind::kNotApplicable : Kind::kUnknown,
                 fmt::format("{} showed no certificate: it {}", place, words_of(service)));
    }
    if (!speaks_tls(service.answer())) {
      // Anybody can show another's certificate.
      return add(subject_of(service, listener), Kind::kUnknown,
                 fmt::format("{} showed a certificate and did not prove that it has its key, so "
                             "that it is not judged: it {}",
                             place, words_of(service)));
    }
    Judgement judgement =
        judge_({.service = service, .chain = *chain, .listener = listener, .listeners = listeners});
    judgement.subject = subject_of(service, listener);
    judgement.holds_until = std::min(judgement.holds_until, holds_until_);
    if (words_.says_where) judgement.reason = fmt::format("{}: {}", place, judgement.reason);
    output_.judgements.push_back(std::move(judgement));
  }

  // Of more than one, since the first alone would pass for all.
  void summarize() {
    size_t met = 0;
    size_t others = 0;
    std::vector<const Judgement*> unmet;
    for (const Judgement& judgement : output_.judgements) {
      if (judgement.kind == Kind::kMet) ++met;
      if (judgement.kind == Kind::kUnmet) unmet.push_back(&judgement);
      if (judgement.kind == Kind::kUnknown) ++others;
    }
    if (unmet.size() > 1) {
      output_.summary = fmt::format("{}; and {} more of {} services", unmet.front()->reason,
                                    unmet.size() - 1, met + unmet.size());
    } else if (unmet.empty() && others == 0 && met > 1) {
      output_.summary = fmt::format("{} services: {}", met, words_.all_met);
    }
  }

  const RuleInput& input_;
  const ServedWords& words_;
  const JudgeServed& judge_;
  RuleOutput output_;
  // Whether any socket does; of how many nobody knows.
  bool speaks_tls_ = false;
  size_t not_known_ = 0;
  TimePoint holds_until_ = TimePoint::max();
};

}  // namespace

RuleOutput judge_each_service(const RuleInput& input, const ServedWords& words,
                              const JudgeServed& judge) {
  return Judging(input, words, judge).take();
}

const v1::ServedChain* chain_of(const v1::TlsService& service, const ServedChains& chains) {
  const uint32_t number = service.chain();
  if (number == 0 || number > static_cast<uint32_t>(chains.size())) return nullptr;
  const v1::ServedChain& chain = chains.Get(static_cast<int>(number - 1));
  return chain.certificates().empty() ? nullptr : &chain;
}

}  // namespace muster::policy
