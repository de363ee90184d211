// A server as collector.yml names it, beside its URL: what lists of hosts and of targets have in
// common.
//
//   url: https://cmdb.example.org/hosts?site=fra
//   interval: 5m  timeout: 30s  ca_file: ca.pem
//   username: muster  password_file: password      # or token_file: token
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "collector/http_client/http_document.h"
#include "common/yaml_reader.h"

namespace muster::collector {

// Makes a path of the file one of the file system.
using Beside = std::function<std::string(const std::string&)>;

// Everything but the interval. What is wrong is noted in `map`.
HttpSource read_http_source(YamlMap& map, const std::string& url, const Beside& beside);

// From 1 s to a day; `usual` where there is none.
Duration read_asking_interval(YamlMap& map, Duration usual);

// The paths of its files, for credentials to be put in their place.
std::vector<std::string*> paths_of(HttpSource& source);

}  // namespace muster::collector
