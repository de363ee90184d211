#include "agent/probes/domain/rdap/bootstrap.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "agent/probes/domain/rdap/rdap_events.h"
#include "agent/probes/domain/rdap/rdap_json.h"

namespace muster::domains::rdap {
namespace {

namespace json = boost::json;

constexpr size_t kLargestFile = 1 << 20;
constexpr size_t kMostServices = 4096;
constexpr size_t kMostDomains = 32768;
constexpr size_t kMostUrls = 16;

absl::Status broken(std::string_view why) {
  return absl::InvalidArgumentError(fmt::format("RDAP's bootstrap file {}", why));
}

// "co.uk" of "CO.UK."; as RFC 9224 has it, entries are A-labels.
std::string entry_of(std::string_view text) {
  std::string entry = lower(text);
  if (entry.ends_with('.')) entry.pop_back();
  return entry;
}

// The texts of a list; unset where it is none, or has something else in it.
std::optional<std::vector<std::string>> texts_of(const json::value& value) {
  const json::array* list = value.if_array();
  if (list == nullptr) return std::nullopt;
  std::vector<std::string> texts;
  for (const json::value& element : *list) {
    const json::string* text = element.if_string();
    if (text == nullptr) return std::nullopt;
    texts.emplace_back(text->data(), text->size());
  }
  return texts;
}

// Those that may be asked, https first (RFC 9224, section 3). One that is no URL is left out.
std::vector<WebUrl> servers_of(const std::vector<std::string>& texts, Bootstrap::Author author) {
  std::vector<WebUrl> servers;
  for (const std::string& text : texts) {
    auto url = parse_web_url(text);
    if (!url.ok() || servers.size() == kMostUrls) continue;
    if (!url->tls && author != Bootstrap::Author::kConfiguration) continue;
    if (url->target.find('?') != std::string::npos) continue;
    if (!url->target.ends_with('/')) url->target += '/';
    servers.push_back(std::move(*url));
  }
  std::stable_partition(servers.begin(), servers.end(), [](const WebUrl& url) { return url.tls; });
  return servers;
}

}  // namespace

absl::StatusOr<Bootstrap> Bootstrap::parse(std::string_view text, Author author) {
  if (text.size() > kLargestFile) return broken("is larger than 1 MiB");
  const std::optional<json::object> file = parse_object(text);
  if (!file) return broken("is no JSON object");
  if (!text_of(*file, "version").starts_with("1.")) return broken("is not of version 1");
  const auto publication = read_rdap_time(raw_text_of(*file, "publication").value_or(""));
  if (!publication || !publication->zone_named) return broken("names no time of its publication");
  const json::value* services = member_of(*file, "services");
  const json::array* list = services == nullptr ? nullptr : services->if_array();
  if (list == nullptr || list->empty()) return broken("lists no service");
  if (list->size() > kMostServices) return broken("lists more than 4096 services");

  Bootstrap bootstrap;
  bootstrap.publication_ = publication->time;
  bootstrap.author_ = author;
  size_t domains = 0;
  for (const json::value& service : *list) {
    const json::array* pair = service.if_array();
    if (pair == nullptr || pair->size() != 2) return broken("has a service that is no pair");
    const auto entries = texts_of((*pair)[0]);
    const auto urls = texts_of((*pair)[1]);
    if (!entries || !urls) return broken("has a service that is no pair of lists of texts");
    domains += entries->size();
    if (domains > kMostDomains) return broken("lists more than 32768 domains");
    const std::vector<WebUrl> servers = servers_of(*urls, author);
    for (const std::string& text_of_entry : *entries) {
      // An entry without a server counts: it is more specific than those above it.
      if (std::string entry = entry_of(text_of_entry); !entry.empty())
        bootstrap.servers_.try_emplace(std::move(entry), servers);
    }
  }
  return bootstrap;
}

std::vector<std::string> Bootstrap::base_urls(std::string_view domain) const {
  const std::string name = entry_of(domain);
  std::string_view rest = name;
  while (!rest.empty()) {
    const auto found = servers_.find(rest);
    if (found != servers_.end()) {
      std::vector<std::string> texts;
      for (const WebUrl& url : found->second)
        texts.push_back(url.text());
      return texts;
    }
    const size_t dot = rest.find('.');
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  return {};
}

bool Bootstrap::has_server(const WebUrl& url) const {
  for (const auto& [domain, servers] : servers_) {
    for (const WebUrl& server : servers)
      if (server.same_origin(url)) return true;
  }
  return false;
}

bool Bootstrap::has_host(std::string_view host) const {
  for (const auto& [domain, servers] : servers_) {
    for (const WebUrl& server : servers)
      if (server.host == host) return true;
  }
  return false;
}

absl::StatusOr<ChosenBootstrap> choose_bootstrap(std::optional<std::string_view> cached,
                                                 std::string_view shipped_text) {
  auto shipped = Bootstrap::parse(shipped_text, Bootstrap::Author::kIana);
  if (!shipped.ok()) return absl::InternalError(shipped.status().ToString());
  ChosenBootstrap chosen{.bootstrap = *std::move(shipped), .problem = {}};
  if (!cached) return chosen;
  auto newer = Bootstrap::parse(*cached, Bootstrap::Author::kIana);
  if (!newer.ok()) {
    chosen.problem = std::string(newer.status().message());
  } else if (newer->publication() <= chosen.bootstrap.publication()) {
    chosen.problem = "it is no newer than the one that Muster comes with";
  } else {
    chosen = {.bootstrap = *std::move(newer), .is_shipped = false, .problem = {}};
  }
  return chosen;
}

}  // namespace muster::domains::rdap
