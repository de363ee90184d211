// A target: something that is looked at from outside, as it is listed at the collector or in an
// agent's configuration. A plain value.
#pragma once

#include <string>

#include "common/clock.h"
#include "common/labels.h"

namespace muster {

struct Target {
  // Unique among those of the same list; the label `target`. The host and port of the address
  // where none is given.
  std::string name;
  // One of all_target_kinds(): "tcp".
  std::string kind;
  // "www.example.org:443", "[2001:db8::1]:443"; of kind "tls" with what tls_endpoint.h adds, of a
  // domain as domain_target.h has it.
  std::string address;
  // With `owner`, where the list gives one.
  Labels labels;
  // Zero, while a list is read: nobody said (take_usual_times).
  Duration interval = std::chrono::minutes(1);
  Duration timeout = std::chrono::seconds(10);
  // Where it is listed, "targets.d/web.yml:12:5": no part of what is listed.
  std::string place;

  bool operator==(const Target& other) const {
    return name == other.name && kind == other.kind && address == other.address &&
           labels == other.labels && interval == other.interval && timeout == other.timeout;
  }
};

}  // namespace muster
