// served_is_on_disk: what a process serves is what lies in the file that it is configured with. A
// certificate that was renewed and not loaded is found here, weeks before it ends. Where nothing is
// known of its configuration, a newer one for the same names by the same issuer counts, unless what
// is served lies in a file of another folder. What lies in no file at all is no finding.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "common/policy/rules/certificate_subjects.h"
#include "common/policy/rules/certificates_on_disk.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/few_texts.h"
#include "common/policy/rules/one_section.h"
#include "common/policy/rules/renewed_words.h"
#include "common/policy/rules/served.h"
#include "common/policy/rules/tls_words.h"
#include "common/server_programs.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;
using Uses = std::vector<const v1::CertificateUse*>;

constexpr size_t kLongestPath = 512;
constexpr size_t kMostPaths = 2;

std::string path_of(const v1::CertificateFile& file) {
  return printable(file.path(), kLongestPath);
}

std::string_view folder_of(const v1::CertificateFile& file) {
  const std::string_view path = file.path();
  return path.substr(0, path.rfind('/'));
}

Judgement is_in(const v1::CertificateFile& file, const v1::Certificate& leaf) {
  return {.kind = Kind::kMet,
          .reason = fmt::format("serves {} of {}", name_of(leaf), path_of(file))};
}

// Of one service.
class Comparison {
 public:
  Comparison(const Served& served, const CertificatesOnDisk& disk, TimePoint now)
      : served_(served),
        leaf_(served.leaf()),
        disk_(disk),
        now_(now),
        server_(disk.server(served.listener->owner().program())),
        homes_(disk.files_with(leaf_)) {
    if (server_ != nullptr) uses_ = server_->uses_for(served.service.server_name());
  }

  Judgement judge() const {
    if (leaf_.sha256().empty()) return {.reason = "the certificate that is served was not told"};
    if (server_ != nullptr) {
      if (std::optional<Judgement> judgement = by_configuration()) return *std::move(judgement);
    }
    return by_files();
  }

 private:
  std::optional<Judgement> by_configuration() const {
    for (const v1::CertificateFile* home : homes_) {
      if (is_configured(*home)) return is_in(*home, leaf_);
    }
    for (const OnDisk& newer : disk_.successors_of(leaf_, served_.service.server_name())) {
      if (is_configured(*newer.file)) return renewed(newer);
    }
    for (const v1::CertificateFile* home : homes_) {
      if (server_->files.contains(home)) return is_in(*home, leaf_);
    }
    if (std::optional<Judgement> unread = unread_file()) return unread;
    if (!disk_.unread_configuration().empty()) {
      return Judgement{.reason = fmt::format("serves {}, which is in no file that it is known to "
                                             "be configured with; could not be read: {}",
                                             name_of(leaf_), disk_.unread_configuration())};
    }
    if (!serves_any_configured()) return serves_another();
    return std::nullopt;
  }

  Judgement by_files() const {
    for (const OnDisk& newer : disk_.successors_of(leaf_, served_.service.server_name())) {
      const v1::Certificate& other = *newer.certificate;
      if (other.issuer() != leaf_.issuer() || other.key_type() != leaf_.key_type()) continue;
      const bool is_beside = std::any_of(homes_.begin(), homes_.end(), [&newer](const auto* home) {
        return home->path() != newer.file->path() && folder_of(*home) == folder_of(*newer.file);
      });
      if (homes_.empty() || is_beside) return renewed(newer);
    }
    // Of a server whose configurations are read, and of which none was, it may be in one of those.
    if (server_ == nullptr && !disk_.unread_configuration().empty() &&
        is_of_configured_server(served_.listener->owner().program())) {
      return {.reason = fmt::format("serves {}, and what it is configured with could not be read: "
                                    "{}",
                                    name_of(leaf_), disk_.unread_configuration())};
    }
    if (!homes_.empty()) return is_in(*homes_.front(), leaf_);
    if (!disk_.unseen().empty()) {
      return {.reason = fmt::format("serves {}, which is in no file that could be read; could "
                                    "not: {}",
                                    name_of(leaf_), disk_.unseen())};
    }
    return {.kind = Kind::kNotApplicable,
            .reason = fmt::format("serves {}, which was not found on disk", name_of(leaf_))};
  }

  // For the name that was asked for, where it is configured; else for any.
  bool is_configured(const v1::CertificateFile& file) const {
    if (uses_.empty()) return server_->files.contains(&file);
    return std::any_of(uses_.begin(), uses_.end(), [&file](const v1::CertificateUse* use) {
      return use->certificate_path() == file.path();
    });
  }

  // One of the files that it is configured with.
  std::optional<Judgement> unread_file() const {
    for (const v1::CertificateUse* use : uses_.empty() ? server_->uses : uses_) {
      const v1::CertificateFile* const file = disk_.file(use->certificate_path());
      if (file != nullptr && file->error().empty() && !file->certificates().empty()) continue;
      const std::string why = file == nullptr         ? "it was not found"
                              : file->error().empty() ? "it has no certificate"
                                                      : printable(file->error(), 256);
      return Judgement{.reason =
                           fmt::format("{}, with which it is configured, could not be read: "
                                       "{}",
                                       printable(use->certificate_path(), kLongestPath), why)};
    }
    return std::nullopt;
  }

  // Where something else that it serves is configured, what is known of its configuration is right
  // and not all: this one has another source.
  bool serves_any_configured() const {
    for (const v1::Listener& listener : served_.listeners->listeners()) {
      if (!is_same_server(listener.owner(), served_.listener->owner())) continue;
      for (const v1::TlsService& service : listener.services()) {
        if (!speaks_tls(service.answer())) continue;
        const v1::ServedChain* const chain = chain_of(service, served_.listeners->chains());
        if (chain != nullptr && server_->leaves.contains(chain->certificates(0).sha256()))
          return true;
      }
    }
    return false;
  }

  Judgement serves_another() const {
    FewTexts paths(kMostPaths);
    for (const v1::CertificateUse* use : uses_.empty() ? server_->uses : uses_)
      paths.add(use->certificate_path(), kLongestPath);
    return {.kind = Kind::kUnmet,
            .reason = fmt::format("{} serves {}, which is not in {}, with which it is configured: "
                                  "{}",
                                  program_in_words(served_.listener->owner()), name_of(leaf_),
                                  paths.joined(), what_to_do(served_.listener->owner()))};
  }

  Judgement renewed(const OnDisk& newer) const {
    Words words = renewed_in_words(*newer.file, leaf_, served_.listener->owner(), now_);
    return {.kind = Kind::kUnmet, .reason = std::move(words.text), .reads_until = words.change_at};
  }

  const Served& served_;
  const v1::Certificate& leaf_;
  const CertificatesOnDisk& disk_;
  TimePoint now_;
  // Null: nothing is known of its configuration.
  const ConfiguredServer* server_;
  // Of the server, for the name that was asked for; empty: none is.
  Uses uses_ = {};
  std::vector<const v1::CertificateFile*> homes_;
};

}  // namespace

RuleOutput judge_served_is_on_disk(const RuleInput& input) {
  RuleOutput beside;
  const auto section = read_one_section<v1::CertificateFacts>(input, kCertificateProbe, beside);
  std::optional<CertificatesOnDisk> disk;
  RuleOutput output = judge_each_service(
      input, {.all_met = "what is served is what lies on disk", .says_where = false},
      [&](const Served& served) {
        if (section.facts == nullptr) {
          Judgement judgement = beside.judgements.front();
          judgement.reason =
              fmt::format("{}: {}", place_of(served.service, served.listener), judgement.reason);
          return judgement;
        }
        if (!disk) disk.emplace(*section.facts);
        Judgement judgement = Comparison(served, *disk, input.now).judge();
        if (judgement.kind != Kind::kUnmet) {
          judgement.reason =
              fmt::format("{} {}", place_of(served.service, served.listener), judgement.reason);
        }
        judgement.holds_until = section.holds_until;
        return judgement;
      });
  output.probes.emplace_back(kCertificateProbe);
  return output;
}

}  // namespace muster::policy
