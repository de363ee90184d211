// What Boost.JSON's parser tells of a text in the shape of Prometheus's http_sd, told to a sink as
// it comes: no tree of a foreign text is built. Included by http_sd.cpp only.
#pragma once

#include <fmt/format.h>

#include <boost/json/error.hpp>
#include <boost/json/string_view.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "collector/sources/http_sd.h"
#include "common/text.h"

namespace muster::collector {

class HttpSdHandler {
 public:
  using Error = boost::json::error_code;
  using Text = boost::json::string_view;

  // Names and values are checked by their own, smaller bounds.
  // NOLINTBEGIN(readability-identifier-naming): Boost.JSON reads constants of these names.
  static constexpr size_t max_object_size = 1000;
  static constexpr size_t max_array_size = 10'000'000;
  static constexpr size_t max_key_size = 4096;
  static constexpr size_t max_string_size = 4096;
  // NOLINTEND(readability-identifier-naming)

  explicit HttpSdHandler(HttpSdSink& sink) : sink_(sink) {}

  // What it refused; OK where the parser itself did.
  const absl::Status& status() const { return status_; }

  bool on_document_begin(Error& /*error*/) { return true; }
  bool on_document_end(Error& /*error*/) { return true; }

  bool on_array_begin(Error& error) {
    if (place_ == Place::kTop) return go(Place::kGroups);
    if (place_ == Place::kGroup && key_ == "targets") return go(Place::kTargets);
    return unexpected(error);
  }
  bool on_array_end(size_t /*size*/, Error& /*error*/) {
    return go(place_ == Place::kTargets ? Place::kGroup : Place::kTop);
  }
  bool on_object_begin(Error& error) {
    if (place_ == Place::kGroups) {
      has_targets_ = has_labels_ = false;
      return go(Place::kGroup);
    }
    if (place_ == Place::kGroup && key_ == "labels") return go(Place::kLabels);
    return unexpected(error);
  }
  bool on_object_end(size_t /*size*/, Error& error) {
    if (place_ == Place::kLabels) return go(Place::kGroup);
    if (!has_targets_) return refuse("'targets' is missing here", error);
    if (!take(sink_.end_group(), error)) return false;
    return go(Place::kGroups);
  }

  bool on_key_part(Text part, size_t /*size*/, Error& /*error*/) {
    pending_.append(part.data(), part.size());
    return true;
  }
  bool on_key(Text part, size_t size, Error& error) {
    on_key_part(part, size, error);
    key_ = std::exchange(pending_, {});
    if (place_ == Place::kLabels) return true;
    if (key_ != "targets" && key_ != "labels") {
      return refuse(
          fmt::format("unknown key '{}' (known here: targets, labels)", printable(key_, 80)),
          error);
    }
    bool& has = key_ == "targets" ? has_targets_ : has_labels_;
    if (std::exchange(has, true)) return refuse(fmt::format("'{}' comes twice", key_), error);
    return true;
  }
  bool on_string_part(Text part, size_t /*size*/, Error& /*error*/) {
    pending_.append(part.data(), part.size());
    return true;
  }
  bool on_string(Text part, size_t size, Error& error) {
    on_string_part(part, size, error);
    std::string text = std::exchange(pending_, {});
    if (place_ == Place::kTargets) return take(sink_.target(std::move(text)), error);
    if (place_ == Place::kLabels) return take(sink_.label(key_, std::move(text)), error);
    return unexpected(error);
  }

  bool on_number_part(Text /*part*/, Error& /*error*/) { return true; }
  bool on_int64(int64_t /*number*/, Text /*text*/, Error& error) { return unexpected(error); }
  bool on_uint64(uint64_t /*number*/, Text /*text*/, Error& error) { return unexpected(error); }
  bool on_double(double /*number*/, Text /*text*/, Error& error) { return unexpected(error); }
  bool on_bool(bool /*value*/, Error& error) { return unexpected(error); }
  bool on_null(Error& error) { return unexpected(error); }
  bool on_comment_part(Text /*part*/, Error& /*error*/) { return true; }
  bool on_comment(Text /*part*/, Error& /*error*/) { return true; }

 private:
  enum class Place { kTop, kGroups, kGroup, kTargets, kLabels };

  bool go(Place place) {
    place_ = place;
    return true;
  }

  bool refuse(const std::string& what, Error& error) {
    status_ = absl::InvalidArgumentError(what);
    error = boost::json::error::incomplete;
    return false;
  }

  bool unexpected(Error& error) {
    switch (place_) {
      case Place::kTop:
        return refuse(
            fmt::format("it must be a list: [{{\"targets\": [\"{}\"], \"labels\": {{}}}}]",
                        sink_.words().example),
            error);
      case Place::kGroups:
        return refuse("each entry of the list must be {\"targets\": […], \"labels\": {…}}", error);
      case Place::kGroup:
        return refuse(key_ == "targets" ? "'targets' must be a list" : "'labels' must be a map",
                      error);
      case Place::kTargets:
        return refuse(fmt::format("a target must be text, {}", sink_.words().target), error);
      case Place::kLabels:
        break;
    }
    return refuse(fmt::format("the label '{}' must be text", printable(key_, 80)), error);
  }

  bool take(const absl::Status& status, Error& error) {
    return status.ok() || refuse(std::string(status.message()), error);
  }

  Place place_ = Place::kTop;
  HttpSdSink& sink_;
  absl::Status status_;
  // Of a text that comes in parts.
  std::string pending_;
  std::string key_;

  // Of the entry that is being read.
  bool has_targets_ = false;
  bool has_labels_ = false;
};

}  // namespace muster::collector
