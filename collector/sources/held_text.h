// The last good text of each source, kept in the state directory, so that a restart while the
// source is away costs nothing. Not secret; read back as strictly as what comes from the source.
// One file a source, "inventory-<16 hex digits of its name's SHA-256>"; one program at a time.
// Calls block.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/clock.h"

namespace muster::collector {

struct HeldText {
  std::string text;
  // When the source last said so.
  TimePoint loaded_at;
};

class HeldTexts {
 public:
  // `kind` begins the names of the files, "inventory", and is in them.
  HeldTexts(std::string state_directory, std::string_view kind)
      : directory_(std::move(state_directory)), kind_(kind) {}

  // `source`: its name.
  std::string path(const std::string& source) const;

  // NotFound: none is held. InvalidArgument: the file is not what hold writes for this source.
  absl::StatusOr<HeldText> read(const std::string& source) const;
  absl::Status hold(const std::string& source, const HeldText& held) const;

  // Removes what is held of all but these, which are not configured any more, and what a kill left
  // beside the others.
  void remove_others(const std::vector<std::string>& sources) const;

 private:
  std::string magic() const;

  std::string directory_;
  std::string_view kind_;
};

}  // namespace muster::collector
