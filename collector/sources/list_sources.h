// All sources of what a site lists: loads them, keeps the last good content of each, and hands all
// of them on whenever one changes. Files are read at the start and at a reload; each server is
// asked by a thread of its own, so that a slow one delays nobody. Any thread may call; the owner
// starts and stops it.
#pragma once

#include <absl/status/status.h>
#include <fmt/format.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "collector/sources/source_standing.h"
#include "common/clock.h"

namespace muster::collector {

template <typename List>
class ListSources {
 public:
  // One of each source, in their order.
  using Contents = std::vector<std::shared_ptr<const List>>;
  // Takes them, one call at a time; must not call the sources.
  using Publish = std::function<void(const Contents&)>;
  using Standing = SourceStanding<List>;

  ListSources(std::vector<std::unique_ptr<Standing>> standings, const Clock& clock, Publish publish)
      : clock_(clock), publish_(std::move(publish)), standings_(std::move(standings)) {}
  ~ListSources() { stop(); }
  ListSources(const ListSources&) = delete;
  ListSources& operator=(const ListSources&) = delete;

  // Takes over what is held on disk, reads the files over it, and publishes. A source that fails
  // is in log and metrics, and no reason not to start.
  void load() {
    {
      const std::lock_guard guard(mutex_);
      for (const std::unique_ptr<Standing>& standing : standings_)
        standing->restore();
    }
    (void)read_files();
    publish();
  }

  // Asks the servers now and from here on.
  void start() {
    for (const std::unique_ptr<Standing>& standing : standings_) {
      if (!standing->source().asked_every) continue;
      threads_.emplace_back([this, standing = standing.get()](const std::stop_token& stop) {
        look_again(*standing, stop);
      });
    }
  }

  // Reads the files anew, and has the servers asked soon. What is wrong with files, a line each;
  // what these said before stays.
  absl::Status reload() {
    {
      const std::lock_guard guard(mutex_);
      ++reloads_;
    }
    asked_.notify_all();
    absl::Status status = read_files();
    publish();
    return status;
  }

  // Gives up what is under way. Idempotent.
  void stop() {
    for (std::jthread& thread : threads_)
      thread.request_stop();
    threads_.clear();
  }

  bool empty() const { return standings_.empty(); }

  std::vector<SourceState> states() const {
    const std::lock_guard guard(mutex_);
    std::vector<SourceState> states;
    for (const std::unique_ptr<Standing>& standing : standings_)
      states.push_back(standing->state());
    return states;
  }

 private:
  absl::Status read_files() {
    std::string complaints;
    for (const std::unique_ptr<Standing>& standing : standings_) {
      if (standing->source().asked_every) continue;
      const auto loaded = standing->load({});
      const std::lock_guard guard(mutex_);
      standing->take(loaded, clock_.now());
      if (loaded.ok()) continue;
      complaints += fmt::format("{}{}", complaints.empty() ? "" : "\n",
                                std::string(loaded.status().message()));
    }
    return complaints.empty() ? absl::OkStatus() : absl::InvalidArgumentError(complaints);
  }

  void look_again(Standing& standing, const std::stop_token& stop) {
    for (;;) {
      uint64_t seen = 0;
      {
        const std::lock_guard guard(mutex_);
        seen = reloads_;
      }
      const auto loaded = standing.load(stop);
      // What was given up says nothing of the source.
      if (stop.stop_requested()) return;
      bool changed = false;
      {
        const std::lock_guard guard(mutex_);
        changed = standing.take(loaded, clock_.now());
      }
      if (changed) publish();
      std::unique_lock lock(mutex_);
      asked_.wait_for(lock, stop, *standing.source().asked_every,
                      [this, seen] { return reloads_ != seen; });
      if (stop.stop_requested()) return;
    }
  }

  void publish() {
    const std::lock_guard publishing(publish_mutex_);
    Contents contents;
    {
      const std::lock_guard guard(mutex_);
      for (const std::unique_ptr<Standing>& standing : standings_)
        contents.push_back(standing->content());
    }
    publish_(contents);
  }

  const Clock& clock_;
  const Publish publish_;

  // Held while the contents are put together and handed on, so that the last ones handed on are the
  // newest. Before mutex_.
  std::mutex publish_mutex_;

  mutable std::mutex mutex_;
  // Below: guarded by mutex_.
  std::condition_variable_any asked_;
  // Counts reloads.
  uint64_t reloads_ = 0;
  // Of the configuration, in its order; their number stays.
  std::vector<std::unique_ptr<Standing>> standings_;

  std::vector<std::jthread> threads_;
};

}  // namespace muster::collector
