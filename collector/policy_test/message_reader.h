// A message out of YAML, strictly: keys are its fields as the API's JSON has them, times are times
// and enums go by their full names.
#pragma once

#include <google/protobuf/message.h>

#include "common/yaml_reader.h"

namespace muster::collector {

// Complaints go to the map's document. Numbers in lists, bytes, and maps of something else than
// texts cannot be given; no facts have such.
void read_message(YamlMap& map, google::protobuf::Message& message);

// Whether every field of the type, and of those in it, can be given.
bool can_be_read(const google::protobuf::Descriptor& type);

}  // namespace muster::collector
