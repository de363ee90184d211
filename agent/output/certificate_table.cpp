#include "agent/output/certificate_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "common/counted.h"
#include "common/duration.h"
#include "common/policy/rules/certificates_on_disk.h"
#include "common/policy/rules/served.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/listener_facts.pb.h"

namespace muster::agent {
namespace {

constexpr size_t kShownRows = 10;
constexpr size_t kShownPlaces = 2;
constexpr size_t kEndsWidth = 16;
constexpr size_t kServedByWidth = 24;
constexpr size_t kLeastPath = 12;

// One certificate, wherever it is.
struct Row {
  TimePoint ends;
  std::vector<std::string> files;
  // "port 443"
  std::vector<std::string> sockets;
  std::vector<std::string> processes;
};

void add_once(std::vector<std::string>& texts, std::string text) {
  if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(std::move(text));
}

std::string process_of(const v1::SocketOwner& owner) {
  if (!owner.unit().empty()) return printable(owner.unit(), 128);
  return owner.program().empty() ? "unknown process" : printable(owner.program(), 128);
}

class Rows {
 public:
  void add(const v1::CertificateFacts& facts) {
    for (const v1::CertificateFile& file : facts.files()) {
      for (const v1::Certificate* const leaf : policy::leaves_of(file)) {
        if (Row* const row = row_of(*leaf, file.path())) add_once(row->files, file.path());
      }
    }
  }

  void add(const v1::ListenerFacts& facts) {
    knows_sockets_ = true;
    for (const v1::Listener& listener : facts.listeners()) {
      for (const v1::TlsService& service : listener.services()) {
        const v1::ServedChain* const chain = policy::chain_of(service, facts.chains());
        if (chain == nullptr) continue;
        const std::string socket = fmt::format("port {}", listener.port());
        Row* const row = row_of(chain->certificates(0), socket);
        if (row == nullptr) continue;
        add_once(row->sockets, socket);
        add_once(row->processes, process_of(listener.owner()));
      }
    }
  }

  std::vector<Row> sorted() const {
    std::vector<Row> rows;
    for (const auto& [key, row] : rows_)
      rows.push_back(row);
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Row& a, const Row& b) { return a.ends < b.ends; });
    return rows;
  }
  bool knows_sockets() const { return knows_sockets_; }

 private:
  // By its fingerprint; without one, by where it is. Null: when it ends could not be read.
  Row* row_of(const v1::Certificate& certificate, std::string_view place) {
    if (!certificate.has_not_after()) return nullptr;
    const std::string key =
        certificate.sha256().empty()
            ? fmt::format("{} {} {}", place, certificate.serial(), certificate.common_name())
            : certificate.sha256();
    Row& row = rows_[key];
    row.ends = from_proto(certificate.not_after());
    return &row;
  }

  std::map<std::string, Row> rows_;
  bool knows_sockets_ = false;
};

std::string ends_in_words(TimePoint ends, TimePoint now) {
  // Clamped, so that no date from outside overflows the difference.
  const Duration most = std::chrono::days(100'000);
  const TimePoint end = std::clamp(ends, now - most, now + most);
  return end > now ? "in " + describe_duration(end - now) : describe_duration(now - end) + " ago";
}

// What tells paths apart is at their end.
std::string cut_front(const std::string& text, size_t width) {
  if (display_width(text) <= width) return text;
  const size_t kept = text.size() - std::min(text.size(), width - 1);
  size_t begin = kept;
  // Not within a character.
  while (begin < text.size() && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80)
    ++begin;
  return "…" + text.substr(begin);
}

std::string first_and_more(const std::vector<std::string>& texts, size_t shown) {
  return texts.size() <= shown ? fmt::format("{}", fmt::join(texts, ", "))
                               : fmt::format("{} +{}", texts.front(), texts.size() - 1);
}

}  // namespace

std::string certificate_table(std::span<const SectionState> sections, TimePoint now,
                              const TerminalStyle& style) {
  Rows rows;
  for (const SectionState& section : sections) {
    v1::CertificateFacts files;
    v1::ListenerFacts sockets;
    if (section.facts_type == files.GetTypeName() && files.ParseFromString(section.facts)) {
      rows.add(files);
    } else if (section.facts_type == sockets.GetTypeName() &&
               sockets.ParseFromString(section.facts)) {
      rows.add(sockets);
    }
  }
  const std::vector<Row> sorted = rows.sorted();
  if (sorted.empty()) return {};
  const size_t columns = kEndsWidth + kServedByWidth + 2 * 2;
  const size_t room = std::max(style.width, columns + kLeastPath) - columns;
  std::vector<std::vector<std::string>> cells;
  for (size_t i = 0; i < std::min(sorted.size(), kShownRows); ++i) {
    const Row& row = sorted[i];
    const std::string more = row.files.size() > 1 ? fmt::format(" +{}", row.files.size() - 1) : "";
    const std::string where =
        row.files.empty() ? cut_to_width(first_and_more(row.sockets, kShownPlaces), room)
                          : cut_front(printable(row.files.front(), 512), room - more.size()) + more;
    const std::string served_by = !row.processes.empty() ? first_and_more(row.processes, 1)
                                  : rows.knows_sockets() ? "not served"
                                                         : "-";
    cells.push_back({ends_in_words(row.ends, now), where, cut_to_width(served_by, kServedByWidth)});
  }
  std::string text = render_text_table({"ENDS", "CERTIFICATE", "SERVED BY"}, cells, style);
  if (sorted.size() > kShownRows) {
    text += fmt::format("and {}, which end later: see --format json\n",
                        counted(sorted.size() - kShownRows, "more certificate"));
  }
  return text;
}

}  // namespace muster::agent
