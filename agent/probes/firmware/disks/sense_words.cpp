#include "agent/probes/firmware/disks/sense_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace muster::firmware {
namespace {

struct Word {
  uint8_t code;
  uint8_t qualifier;
  std::string_view text;
};

constexpr std::array kWords = {
    Word{0x00, 0x1d, "registers of the ATA disk"},
    Word{0x04, 0x01, "the disk is becoming ready"},
    Word{0x04, 0x02, "the disk waits to be started"},
    Word{0x04, 0x03, "the disk waits for somebody's hand"},
    Word{0x04, 0x04, "the disk is being formatted"},
    Word{0x04, 0x09, "the disk tests itself"},
    Word{0x04, 0x11, "the disk waits for leave to spin up"},
    Word{0x04, 0x1b, "the disk is being sanitized"},
    Word{0x0b, 0x00, "a warning"},
    Word{0x0b, 0x01, "it is hotter than it should be"},
    Word{0x0b, 0x02, "its enclosure works worse"},
    Word{0x0b, 0x03, "its self-test in the background failed"},
    Word{0x0b, 0x04, "its scan in the background found an error of the medium"},
    Word{0x0b, 0x05, "its scan in the background found an error of the medium"},
    Word{0x0b, 0x06, "its cache now forgets without power"},
    Word{0x0b, 0x07, "what keeps its cache without power is weak"},
    Word{0x0b, 0x08, "it loses power soon"},
    Word{0x0b, 0x09, "one of its statistics went past its limit"},
    Word{0x0b, 0x0a, "it is critically hot"},
    Word{0x0b, 0x0b, "it is critically cold"},
    Word{0x0b, 0x0c, "it is hotter than it may run"},
    Word{0x0b, 0x0d, "it is colder than it may run"},
    Word{0x20, 0x00, "the disk has no such command"},
    Word{0x24, 0x00, "the disk does not know a field of the command"},
    Word{0x25, 0x00, "there is no such disk behind the address"},
    Word{0x29, 0x00, "the disk was started or reset"},
    Word{0x31, 0x00, "the format of the disk is damaged"},
    Word{0x3a, 0x00, "there is no medium"},
    Word{0x3e, 0x03, "the disk's test of itself failed"},
    Word{0x3f, 0x01, "the disk has other firmware now"},
    Word{0x3f, 0x16, "the disk has other firmware now, without a reset"},
    Word{0x5d, 0x00, "a failure is predicted"},
    Word{0x5d, 0x01, "a failure of the medium is predicted"},
    Word{0x5d, 0x02, "a failure of the disk is predicted"},
    Word{0x5d, 0x03, "its spare areas run out"},
    Word{0x5d, 0x1d, "a failure of its protection against loss of power is predicted"},
    Word{0x5d, 0x73, "its medium has been written as often as it endures"},
    Word{0x5d, 0xff, "a prediction that is only a test"},
    Word{0x67, 0x0b, "a feature of the ATA disk is off"},
};

// Additional sense code 5Dh, qualifiers 10h to 6Ch: the high half is what will fail, the low half
// by what it is known.
constexpr uint8_t kPrediction = 0x5d;
constexpr std::array<std::string_view, 7> kParts = {
    "", "hardware", "controller", "data channel", "servo", "spindle", "firmware"};
constexpr std::array<std::string_view, 13> kSigns = {
    "the drive as a whole",        "too many errors of the drive", "too many errors in data",
    "too many errors of seeking",  "too many blocks reassigned",   "access takes too long",
    "its start takes too long",    "parameters of its channel",    "its controller found it",
    "it moves too little data",    "seeking takes too long",       "too many tries to spin up",
    "too many tries to calibrate",
};

constexpr std::array<std::string_view, 16> kKeys = {
    "no sense",       "recovered error", "not ready",      "medium error",
    "hardware error", "illegal request", "unit attention", "data protect",
    "blank check",    "vendor specific", "copy aborted",   "aborted command",
    "unknown",        "volume overflow", "miscompare",     "completed",
};

}  // namespace

std::string_view sense_key_word(uint8_t key) {
  return key < kKeys.size() ? kKeys[key] : "unknown";
}

std::string sense_code_words(uint8_t code, uint8_t qualifier) {
  const auto* const word =
      std::find_if(kWords.begin(), kWords.end(), [code, qualifier](const Word& each) {
        return each.code == code && each.qualifier == qualifier;
      });
  if (word != kWords.end()) return std::string(word->text);
  const size_t part = qualifier >> 4;
  const size_t sign = qualifier & 0x0f;
  if (code != kPrediction) return {};
  if (part == 0 || part >= kParts.size() || sign >= kSigns.size()) return "a failure is predicted";
  return fmt::format("a failure of its {} is predicted: {}", kParts[part], kSigns[sign]);
}

}  // namespace muster::firmware
