// fwupd's dictionaries as facts, by the names and numbers of its interface org.freedesktop.fwupd
// (libfwupd 2.0: fwupd-enums, fwupd-security-attr, fwupd-remote). Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include "agent/probes/firmware_fwupd/dictionaries.h"
#include "muster/v1/fwupd_facts.pb.h"

namespace muster::fwupd {

// Without its upgrades, for which fwupd is asked by the id of the device.
v1::FwupdDevice device_of(const Dictionary& device);
// Whether the metadata has something of the device.
bool is_in_metadata(const Dictionary& device);
// Of a device, also of one in the history: why its last update failed; empty: it did not.
std::string failed_update_of(const Dictionary& device);

v1::FirmwareRelease release_of(const Dictionary& release);
v1::HostSecurityAttribute attribute_of(const Dictionary& attribute);
// Absent: it is not enabled.
std::optional<v1::FirmwareRemote> remote_of(const Dictionary& remote);
// "HSI:1! (v2.0.20)"; empty of an ID that is none: "HSI:INVALID:chassis[...]".
std::string host_security_id_of(const Dictionary& properties);

}  // namespace muster::fwupd
