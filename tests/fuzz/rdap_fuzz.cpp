// Any bytes as an RDAP answer under several statuses, as a bootstrap file, as a redirect, as a
// name, and as Retry-After.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/probes/domain/rdap/bootstrap.h"
#include "agent/probes/domain/rdap/rdap_answer.h"
#include "agent/probes/domain/rdap/redirects.h"
#include "agent/probes/domain/rdap/retry_after.h"
#include "common/internet_name.h"
#include "common/text.h"

namespace {

namespace domains = muster::domains;
namespace rdap = muster::domains::rdap;
using domains::AnswerKind;

void require(bool holds) {
  if (!holds) std::abort();
}

void require_printable(const std::string& text) {
  require(muster::printable(text, 4096) == text);
}

void check(const domains::Registration& found) {
  const bool is_told = found.kind == AnswerKind::kRegistered || found.kind == AnswerKind::kFree;
  require(found.reason.empty() == is_told);
  if (found.kind != AnswerKind::kRegistered) require(!found.expires);
  if (found.kind == AnswerKind::kRegistered) require(found.domain == "example.com");
  for (const std::string* text : {&found.registrar, &found.referral, &found.reason})
    require_printable(*text);
  for (const std::string& status : found.statuses)
    require_printable(status);
  for (const std::string& server : found.name_servers)
    require(muster::to_internet_name(server).value_or("") == server);
}

void check_answers(std::string_view bytes) {
  for (const int status : {200, 404, 403}) {
    for (const auto server : {rdap::Server::kRegistry, rdap::Server::kOther}) {
      const domains::Registration found =
          rdap::read_rdap(status, "application/rdap+json", bytes, "example.com", server);
      check(found);
      if (found.kind == AnswerKind::kFree)
        require(status == 404 && server == rdap::Server::kRegistry);
      if (found.kind == AnswerKind::kRegistered) require(status == 200);
    }
  }
}

// Whatever a Location says, nothing but https at 443 of a name of the lists.
void check_redirect(std::string_view bytes) {
  static const rdap::Bootstrap kLists = rdap::choose_bootstrap(std::nullopt)->bootstrap;
  static const auto kSuffixes = *domains::PublicSuffixes::of_this_system();
  static const rdap::WebUrl kAsked = *rdap::parse_web_url("https://rdap.example.co.uk/v1/x");
  const auto next = rdap::next_hop({kLists, kSuffixes, {}}, {&kAsked, 1}, bytes);
  if (!next.ok()) return;
  require(next->tls && next->port == 443);
  require(next->host == "example.co.uk" || next->host.ends_with(".example.co.uk") ||
          kLists.has_host(next->host));
  const auto again = rdap::parse_web_url(next->text());
  require(!again.ok() || again->text() == next->text());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_answers(bytes);
  static_cast<void>(rdap::Bootstrap::parse(bytes, rdap::Bootstrap::Author::kConfiguration));
  check_redirect(bytes);
  const auto name = muster::to_internet_name(bytes);
  if (name.ok()) require(muster::to_internet_name(*name).value_or("") == *name);
  const auto wait = rdap::read_retry_after(bytes, std::chrono::sys_seconds{});
  if (wait) require(*wait >= std::chrono::seconds(0) && *wait <= std::chrono::days(7));
  return 0;
}
