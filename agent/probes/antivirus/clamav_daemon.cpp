#include "agent/probes/antivirus/clamav_daemon.h"

#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_times.h"
#include "agent/probes/protection/text_lines.h"

namespace muster::antivirus {
namespace {

using protection::take_line;
using protection::take_until;

constexpr std::string_view kName = "ClamAV ";

// Without its number: "2: ".
std::string_view without_number(std::string_view reply) {
  const size_t digits = reply.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos) return reply;
  const std::string_view rest = reply.substr(digits);
  return rest.starts_with(": ") ? rest.substr(2) : reply;
}

void take_version(std::string_view line, const std::optional<absl::TimeZone>& zone,
                  ClamdReply& reply) {
  reply.engine = version_of(line);
  take_until(line, '/');
  uint32_t daily = 0;
  if (!protection::parse_number(take_until(line, '/'), daily)) return;
  reply.daily = daily;
  if (zone) reply.daily_built_at = protection::parse_ctime(line, *zone);
}

void take_stats(std::string_view stats, ClamdReply& reply) {
  while (!stats.empty()) {
    std::string_view line = take_line(stats);
    const std::string_view word = take_until(line, ':');
    line = trim(line);
    if (word == "STATE") reply.state = protection::product_text(line);
    uint64_t waiting = 0;
    if (word != "QUEUE" || !protection::parse_number(protection::take_word(line), waiting)) {
      continue;
    }
    reply.queue = reply.queue.value_or(0) + waiting;
  }
}

}  // namespace

std::string version_of(std::string_view line) {
  line = trim(line);
  if (!line.starts_with(kName)) return {};
  line.remove_prefix(kName.size());
  return protection::product_text(take_until(line, '/'));
}

ClamdReply parse_clamd_reply(std::string_view text, const std::optional<absl::TimeZone>& zone) {
  ClamdReply reply;
  while (!text.empty()) {
    const std::string_view each = without_number(trim(take_until(text, '\0')));
    if (each == "PONG") {
      reply.answers = true;
    } else if (each.starts_with(kName)) {
      take_version(each, zone, reply);
    } else if (each.starts_with("POOLS:")) {
      take_stats(each, reply);
    } else if (reply.other.empty()) {
      reply.other = protection::product_text(each);
    }
  }
  return reply;
}

}  // namespace muster::antivirus
