#include "agent/probes/zone/mail_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "agent/probes/zone/dkim_key.h"
#include "agent/probes/zone/dmarc_record.h"
#include "agent/probes/zone/spf_evaluation.h"
#include "common/text.h"

namespace muster::zone {
namespace {

namespace asio = boost::asio;

constexpr size_t kMost = 32;
constexpr size_t kTextLimit = 256;

std::vector<std::string> texts_of(const FoundRecords& found) {
  std::vector<std::string> texts;
  for (const Record& record : found.records(Type::kTxt))
    texts.push_back(record.text());
  return texts;
}

asio::awaitable<void> look_at_exchangers(ZoneRecords& records, std::string zone,
                                         v1::ZoneFacts& facts) {
  const FoundRecords found = co_await records.find(zone, Type::kMx);
  facts.set_mail_exchanger_state(found.state);
  std::vector<std::pair<uint32_t, std::string>> sorted;
  for (const Record& record : found.records(Type::kMx)) {
    const std::string host = record.name(1);
    sorted.emplace_back(record.number(0), host.empty() ? "." : host);
  }
  std::sort(sorted.begin(), sorted.end());
  sorted.resize(std::min(sorted.size(), kMost));
  for (const auto& [preference, host] : sorted) {
    v1::MailExchanger& exchanger = *facts.add_mail_exchangers();
    exchanger.set_preference(preference);
    exchanger.set_host(host);
  }
}

asio::awaitable<v1::DmarcRecord> dmarc_at(ZoneRecords& records, std::string domain,
                                          bool of_parent) {
  const std::string name = "_dmarc." + domain;
  const FoundRecords found = co_await records.find(name, Type::kTxt);
  v1::DmarcRecord record;
  if (found.state == v1::RECORD_STATE_UNSPECIFIED) {
    record.set_detail(printable(found.why, kTextLimit));
    co_return record;
  }
  record = read_dmarc(texts_of(found), of_parent);
  if (record.state() != v1::RECORD_STATE_ABSENT) record.set_domain(domain);
  co_return record;
}

asio::awaitable<v1::DkimKey> dkim_of(ZoneRecords& records, std::string zone, std::string selector) {
  const std::string name = fmt::format("{}._domainkey.{}", selector, zone);
  const FoundRecords found = co_await records.find(name, Type::kTxt);
  const std::vector<std::string> texts = texts_of(found);
  v1::DkimKey key;
  if (found.state != v1::RECORD_STATE_PRESENT) {
    key.set_state(found.state);
    key.set_detail(printable(found.why, kTextLimit));
  } else if (texts.size() > 1) {
    key.set_state(v1::RECORD_STATE_INVALID);
    key.set_detail(fmt::format("there are {} records", texts.size()));
  } else {
    key = parse_dkim_key(texts.front());
  }
  key.set_selector(selector);
  co_return key;
}

void take_caa(const FoundRecords& found, const std::string& domain, v1::ZoneFacts& facts) {
  std::vector<std::tuple<uint32_t, std::string, std::string>> sorted;
  for (const Record& record : found.records(Type::kCaa)) {
    sorted.emplace_back(record.number(0), printable(record.bytes(1), kTextLimit),
                        printable(record.bytes(2), kTextLimit));
  }
  std::sort(sorted.begin(), sorted.end());
  sorted.resize(std::min(sorted.size(), kMost));
  for (auto& [flags, tag, value] : sorted) {
    v1::CaaRecord& record = *facts.add_caa();
    record.set_flags(flags);
    record.set_tag(std::move(tag));
    record.set_value(std::move(value));
  }
  facts.set_caa_state(v1::RECORD_STATE_PRESENT);
  facts.set_caa_domain(domain);
}

// At the name and each above it, up to a top-level domain (RFC 8659, section 3).
asio::awaitable<void> look_at_caa(ZoneRecords& records, std::string zone, v1::ZoneFacts& facts) {
  for (std::string name = std::move(zone); !name.empty(); name = name_above(name)) {
    const FoundRecords found = co_await records.find(name, Type::kCaa);
    if (found.state == v1::RECORD_STATE_PRESENT) {
      take_caa(found, name, facts);
      co_return;
    }
    facts.set_caa_state(found.state);
    if (found.state == v1::RECORD_STATE_UNSPECIFIED) co_return;
  }
}

}  // namespace

asio::awaitable<void> look_at_records(ZoneRecords& records, std::string zone,
                                      std::string registered, std::vector<std::string> selectors,
                                      v1::ZoneFacts& facts) {
  co_await look_at_exchangers(records, zone, facts);
  FoundRecords texts = co_await records.find(zone, Type::kTxt);
  *facts.mutable_spf() = co_await evaluate_spf(records, zone, std::move(texts));
  v1::DmarcRecord dmarc = co_await dmarc_at(records, zone, false);
  if (dmarc.state() == v1::RECORD_STATE_ABSENT && !registered.empty() && registered != zone)
    dmarc = co_await dmarc_at(records, registered, true);
  *facts.mutable_dmarc() = std::move(dmarc);
  std::sort(selectors.begin(), selectors.end());
  for (const std::string& selector : selectors)
    *facts.add_dkim_keys() = co_await dkim_of(records, zone, selector);
  co_await look_at_caa(records, std::move(zone), facts);
}

}  // namespace muster::zone
