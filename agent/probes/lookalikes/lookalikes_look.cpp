#include "agent/probes/lookalikes/lookalikes_look.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "agent/probes/lookalikes/paced_questions.h"
#include "agent/probes/lookalikes/permutations.h"
#include "agent/probes/zone/side_by_side.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::lookalikes {
namespace {

namespace asio = boost::asio;
using zone::Message;
using zone::Part;
using zone::Type;

constexpr size_t kSideBySide = 64;
constexpr int kMostNameServers = 16;
constexpr size_t kLongestDetail = 256;
// A registry is given so long; with less left none is asked.
constexpr Duration kForARegistry = std::chrono::seconds(5);

// What a question for a name's name servers told.
struct Existence {
  enum class Kind { kUnanswered, kNone, kRegistered } kind = Kind::kUnanswered;
  std::set<std::string> name_servers = {};
};

asio::awaitable<Existence> look_up(PacedQuestions& questions, const std::string& name) {
  const std::optional<Message> message = co_await questions.ask({.name = name, .type = Type::kNs});
  if (!message) co_return Existence{};
  if (message->code() == zone::kNameError) co_return Existence{.kind = Existence::Kind::kNone};
  if (message->code() != zone::kNoError) co_return Existence{};
  Existence existence{.kind = Existence::Kind::kNone};
  for (const zone::Record& record : message->records(Part::kAnswer, name, Type::kNs))
    existence.name_servers.insert(record.name(0));
  // A zone of its own says so, whatever it answers.
  const bool is_zone = !message->records(Part::kAuthority, name, Type::kSoa).empty();
  if (is_zone || !existence.name_servers.empty()) existence.kind = Existence::Kind::kRegistered;
  co_return existence;
}

std::string random_label() {
  std::array<unsigned char, 10> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return {};
  std::string label = "muster-";
  for (const unsigned char byte : bytes)
    label += fmt::format("{:02x}", byte);
  return label;
}

// Whether names below a suffix are there though nobody registered them; unset: nobody told.
asio::awaitable<std::optional<bool>> answers_everything(PacedQuestions& questions,
                                                        std::string suffix) {
  const std::string name = random_label() + "." + suffix;
  const std::optional<Message> message = co_await questions.ask({.name = name, .type = Type::kNs});
  if (!message) co_return std::nullopt;
  if (message->code() == zone::kNameError) co_return false;
  if (message->code() == zone::kNoError) co_return true;
  co_return std::nullopt;
}

// Whether mail can be sent to the name, and whether it leads to an address.
asio::awaitable<void> look_for_mail(PacedQuestions& questions, v1::Lookalike& one) {
  std::optional<bool> has_address;
  for (const Type type : {Type::kA, Type::kAaaa}) {
    const auto message = co_await questions.ask({.name = one.name(), .type = type});
    if (!message || message->code() != zone::kNoError) continue;
    const std::string end = message->end_of_aliases(one.name());
    has_address =
        has_address.value_or(false) || !message->records(Part::kAnswer, end, type).empty();
  }
  if (has_address) one.set_has_address(*has_address);
  const auto message = co_await questions.ask({.name = one.name(), .type = Type::kMx});
  if (!message || message->code() != zone::kNoError) co_return;
  const std::string end = message->end_of_aliases(one.name());
  const std::vector<zone::Record> records = message->records(Part::kAnswer, end, Type::kMx);
  // RFC 7505: an exchanger without a name takes none. RFC 5321: without any, the address does.
  const bool takes = std::any_of(records.begin(), records.end(), [](const zone::Record& record) {
    return !record.name(1).empty();
  });
  if (!records.empty()) {
    one.set_mail_ready(takes);
  } else if (has_address) {
    one.set_mail_ready(*has_address);
  }
}

bool is_below(const std::string& host, const std::string& domain) {
  return host == domain || (host.size() > domain.size() && host.ends_with(domain) &&
                            host[host.size() - domain.size() - 1] == '.');
}

// One look's work.
class Search {
 public:
  Search(LookalikesParts& parts, const LookalikesTarget& target,
         const domains::RegistrableName& domain)
      : parts_(parts),
        target_(target),
        domain_(domain),
        began_(parts.clock.uptime()),
        questions_(parts.asker, parts.clock, parts.per_second, began_ + parts.at_most),
        candidates_(candidates_of(domain, {.suffixes = target.suffixes, .words = target.words},
                                  kMostNames)) {}

  asio::awaitable<v1::LookalikeFacts> run() {
    facts_.set_domain(domain_.name);
    facts_.set_tried(static_cast<uint32_t>(candidates_.names.size()));
    facts_.set_left_out(static_cast<uint32_t>(candidates_.left_out));
    for (const Candidate& candidate : candidates_.names)
      suffixes_[suffix_of(candidate.name)];
    co_await side_by_side(suffixes_.size(), [this](size_t i) { return try_suffix(i); });
    co_await side_by_side(candidates_.names.size(), [this](size_t i) { return try_name(i); });
    put_registered();
    co_await side_by_side(static_cast<size_t>(facts_.registered_size()), [this](size_t i) {
      return look_for_mail(questions_, *facts_.mutable_registered(static_cast<int>(i)));
    });
    co_await ask_registries();
    co_return std::move(facts_);
  }

 private:
  std::string suffix_of(const std::string& name) const {
    const auto registrable = parts_.suffixes.registrable(name);
    return registrable.ok() ? registrable->public_suffix : std::string();
  }

  // `one` for each number below `count`, many at a time.
  template <typename One>
  asio::awaitable<void> side_by_side(size_t count, One one) {
    size_t next = 0;
    const auto work = [&]() -> asio::awaitable<void> {
      while (next < count)
        co_await one(next++);
    };
    std::vector<asio::awaitable<void>> all;
    for (size_t i = 0; i < std::min(count, kSideBySide); ++i)
      all.push_back(work());
    co_await zone::side_by_side(std::move(all));
  }

  asio::awaitable<void> try_suffix(size_t i) {
    const auto suffix = std::next(suffixes_.begin(), static_cast<std::ptrdiff_t>(i));
    const std::optional<bool> everything = co_await answers_everything(questions_, suffix->first);
    suffix->second = everything.has_value() && !*everything;
  }

  asio::awaitable<void> try_name(size_t i) {
    const Candidate& candidate = candidates_.names[i];
    Existence existence;
    if (suffixes_[suffix_of(candidate.name)])
      existence = co_await look_up(questions_, candidate.name);
    if (existence.kind == Existence::Kind::kUnanswered) {
      facts_.set_unanswered(facts_.unanswered() + 1);
    } else if (existence.kind == Existence::Kind::kRegistered) {
      registered_.emplace(i, std::move(existence));
    }
  }

  // The house has it where the target says so, or where all of its name servers are the house's
  // own. Those of a provider that others have as well tell nothing.
  std::string why_owned(const std::string& name, const std::set<std::string>& servers) const {
    const auto& owned = target_.owned;
    if (std::find(owned.begin(), owned.end(), name) != owned.end()) return "listed by the target";
    const auto is_ours = [&](const std::string& server) {
      return is_below(server, domain_.name) ||
             std::any_of(owned.begin(), owned.end(),
                         [&](const std::string& ours) { return is_below(server, ours); });
    };
    const bool all_ours = !servers.empty() && std::all_of(servers.begin(), servers.end(), is_ours);
    return all_ours ? "its name servers are the house's own" : "";
  }

  void put_registered() {
    for (const auto& [i, existence] : registered_) {
      if (facts_.registered_size() == kMostRegistered) {
        facts_.set_registered_omitted(facts_.registered_omitted() + 1);
        continue;
      }
      const Candidate& candidate = candidates_.names[i];
      v1::Lookalike& one = *facts_.add_registered();
      one.set_name(candidate.name);
      one.set_shown(candidate.shown);
      one.set_kind(candidate.kind);
      for (const std::string& server : existence.name_servers) {
        if (one.name_servers_size() < kMostNameServers) one.add_name_servers(server);
      }
      one.set_owned_because(why_owned(candidate.name, existence.name_servers));
      one.set_owned(!one.owned_because().empty());
    }
  }

  // Those that can take mail first: they are what somebody is called for.
  asio::awaitable<void> ask_registries() {
    std::vector<v1::Lookalike*> others;
    for (v1::Lookalike& one : *facts_.mutable_registered()) {
      if (!one.owned()) others.push_back(&one);
    }
    std::stable_sort(others.begin(), others.end(), [](const auto* a, const auto* b) {
      return a->mail_ready() > b->mail_ready();
    });
    size_t asked = 0;
    for (v1::Lookalike* const one : others) {
      const bool is_late = parts_.clock.uptime() + kForARegistry > began_ + parts_.at_most;
      if (is_late || asked == kMostDates) {
        one->set_registered_detail(
            is_late ? "not asked: the time of the look was over"
                    : fmt::format("not asked: {} others were asked in this look", kMostDates));
        continue;
      }
      ++asked;
      const domains::registry::RegistryReply reply = co_await parts_.ask_registry(one->name());
      if (reply.registration.created) {
        *one->mutable_registered() = to_proto(reply.registration.created->time);
      } else {
        one->set_registered_detail(printable(
            reply.why.empty() ? "its registry publishes no such date" : reply.why, kLongestDetail));
      }
    }
  }

  LookalikesParts& parts_;
  const LookalikesTarget& target_;
  const domains::RegistrableName& domain_;
  const Duration began_;
  PacedQuestions questions_;
  Candidates candidates_;
  // Whether a name below it that nobody can have is known not to be there.
  std::map<std::string, bool> suffixes_;
  // By number, so by name.
  std::map<size_t, Existence> registered_;
  v1::LookalikeFacts facts_;
};

}  // namespace

asio::awaitable<v1::LookalikeFacts> look_for_lookalikes(LookalikesParts parts,
                                                        LookalikesTarget target,
                                                        domains::RegistrableName domain) {
  Search search(parts, target, domain);
  co_return co_await search.run();
}

}  // namespace muster::lookalikes
