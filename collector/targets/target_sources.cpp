#include "collector/targets/target_sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "collector/sources/list_sources.h"
#include "collector/sources/source_text.h"
#include "collector/targets/joined_target_texts.h"
#include "collector/targets/merged_targets.h"
#include "collector/targets/targets_http_sd.h"
#include "common/log.h"

namespace muster::collector {
namespace {

constexpr SourceWords kWords = {.list = "targets", .entries = "targets"};
// All files together, in log and metrics.
constexpr const char* kFiles = "files";

using Source = ListSource<TargetList>;
using Standing = SourceStanding<TargetList>;

absl::StatusOr<TargetList> parse_files(const std::string& joined) {
  const absl::StatusOr<std::vector<TargetText>> texts = split_target_texts(joined);
  if (!texts.ok()) return texts.status();
  absl::StatusOr<std::vector<Target>> targets = parse_target_texts(*texts);
  if (!targets.ok()) return targets.status();
  return TargetList{*std::move(targets)};
}

Source files_source(const std::vector<std::string>& patterns, bool logs) {
  const auto read = [patterns, logs](const std::stop_token&) -> absl::StatusOr<std::string> {
    const absl::StatusOr<TargetTexts> files = read_target_texts(patterns);
    if (!files.ok()) return files.status();
    for (const std::string& glob : files->empty_globs) {
      if (logs) log_warning("no file of targets is there", {{"glob", glob}});
    }
    return join_target_texts(files->texts);
  };
  return {.name = kFiles, .asked_every = std::nullopt, .read = read, .parse = parse_files};
}

Source server_source(const TargetServer& server) {
  return {
      .name = server.name,
      .asked_every = server.interval,
      .read = [http = server.http](
                  const std::stop_token& stop) { return fetch_json(http, kSourceBytes, stop); },
      .parse = [server](const std::string& text) { return parse_http_sd_targets(text, server); }};
}

std::vector<Source> list_of(const TargetsConfig& config, bool logs) {
  std::vector<Source> sources;
  if (!config.files.empty()) sources.push_back(files_source(config.files, logs));
  for (const TargetServer& server : config.servers)
    sources.push_back(server_source(server));
  return sources;
}

}  // namespace

class TargetSources::Parts {
 public:
  Parts(const TargetsConfig& config, std::string state_directory, const Clock& clock,
        TargetSourceMetrics* metrics, Publish publish)
      : state_directory_(std::move(state_directory)),
        metrics_(metrics),
        publish_(std::move(publish)),
        sources_(make_standings(list_of(config, metrics != nullptr)), clock,
                 [this](const auto& contents) { take(contents); }) {}

  ListSources<TargetList>& sources() { return sources_; }

  void remove_others() const {
    if (metrics_ != nullptr) HeldTexts(state_directory_, kWords.list).remove_others(names_);
  }

 private:
  std::vector<std::unique_ptr<Standing>> make_standings(std::vector<Source> sources) {
    std::vector<std::unique_ptr<Standing>> standings;
    for (Source& source : sources) {
      names_.push_back(source.name);
      std::optional<SourceGauges> gauges;
      if (metrics_ != nullptr) gauges.emplace(metrics_->source(source.name));
      standings.push_back(
          std::make_unique<Standing>(std::move(source), kWords, state_directory_, gauges));
    }
    left_out_.resize(names_.size());
    return standings;
  }

  void take(const ListSources<TargetList>::Contents& contents) {
    // Reloads come without a change, too.
    if (published_ == contents) return;
    published_ = contents;
    MergedTargets merged = merge_targets(contents);
    for (size_t i = 0; i < names_.size(); ++i)
      note_left_out(i, merged.left_out[i]);
    publish_(std::make_shared<const TargetTable>(std::move(merged.table)));
  }

  void note_left_out(size_t source, const MergedTargets::LeftOut& left_out) {
    if (metrics_ == nullptr) return;
    metrics_->left_out(names_[source]).Set(static_cast<double>(left_out.count));
    // Once for each fault, not at each change of something else.
    if (std::exchange(left_out_[source], left_out.example) == left_out.example) return;
    if (left_out.count == 0) return;
    log_warning(
        "targets are left out of a source",
        {{"source", names_[source]}, {"targets", left_out.count}, {"first", left_out.example}});
  }

  const std::string state_directory_;
  TargetSourceMetrics* const metrics_;
  const Publish publish_;
  // Of the sources, in their order; and what of each is left out, as it was logged.
  std::vector<std::string> names_;
  std::vector<std::string> left_out_;
  std::optional<ListSources<TargetList>::Contents> published_;
  ListSources<TargetList> sources_;
};

TargetSources::TargetSources(const TargetsConfig& config, const std::string& state_directory,
                             const Clock& clock, TargetSourceMetrics* metrics, Publish publish)
    : parts_(std::make_unique<Parts>(config, state_directory, clock, metrics, std::move(publish))) {
}

TargetSources::~TargetSources() = default;

void TargetSources::load() {
  parts_->remove_others();
  parts_->sources().load();
}

void TargetSources::start() {
  parts_->sources().start();
}

absl::Status TargetSources::reload() {
  return parts_->sources().reload();
}

void TargetSources::stop() {
  parts_->sources().stop();
}

bool TargetSources::empty() const {
  return parts_->sources().empty();
}

bool TargetSources::complete() const {
  const std::vector<SourceState> states = parts_->sources().states();
  return std::all_of(states.begin(), states.end(),
                     [](const SourceState& state) { return state.last_success.has_value(); });
}

std::vector<SourceState> TargetSources::describe() const {
  return parts_->sources().states();
}

}  // namespace muster::collector
