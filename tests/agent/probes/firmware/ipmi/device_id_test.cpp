#include "agent/probes/firmware/ipmi/device_id.h"

#include <gtest/gtest.h>

#include <string>

#include "agent/probes/firmware/ipmi/manufacturers.h"
#include "tests/agent/probes/firmware/reply_bytes.h"

namespace muster::ipmi {
namespace {

// Bytes of table 20-2, which counts them from 1. Of an iDRAC9 with 3.30.30.30.
test::ReplyBytes dell(size_t size = 16) {
  test::ReplyBytes reply(16);
  reply.number<uint8_t>(1, 0x20)
      .number<uint8_t>(2, 0x81)
      .number<uint8_t>(3, 3)
      .number<uint8_t>(4, 0x30)
      .number<uint8_t>(5, 0x02)
      .number<uint8_t>(6, 0xdf)
      .number<uint16_t>(7, 674)
      .number<uint16_t>(10, 0x0100)
      .number<uint32_t>(12, 0x1e1e3c00);
  test::ReplyBytes cut(size);
  for (size_t i = 0; i < size; ++i)
    cut.number<uint8_t>(i, static_cast<uint8_t>(reply.build()[i]));
  return cut;
}

std::string version_of(const test::ReplyBytes& reply) {
  const auto device = parse_device_id(reply.build());
  return device.ok() ? version_text(*device) : std::string(device.status().message());
}

TEST(DeviceId, TellsWhatTheControllerIs) {
  const auto device = parse_device_id(dell().build());
  ASSERT_TRUE(device.ok()) << device.status();
  EXPECT_EQ(device->device_id, 0x20);
  EXPECT_EQ(device->device_revision, 1);
  EXPECT_EQ(device->firmware_major, 3);
  EXPECT_EQ(device->firmware_minor, 0x30);
  EXPECT_TRUE(device->available);
  EXPECT_EQ(device->specification, "2.0");
  EXPECT_TRUE(device->has_event_log);
  EXPECT_EQ(device->manufacturer_id, 674u);
  EXPECT_EQ(device->manufacturer, "Dell");
  EXPECT_EQ(device->product_id, 0x0100);
  EXPECT_EQ(device->auxiliary, (std::array<uint8_t, 4>{0x00, 0x3c, 0x1e, 0x1e}));
  EXPECT_EQ(version_text(*device), "3.30.30.30");
}

// The response that Dell prints for the PowerEdge C6100 in "Using the Baseboard Management
// Controller", table 1-38, of which it says "This indicates that the BMC version is V1.00".
TEST(DeviceId, AsAManualPrintsItIsRead) {
  const auto device = parse_device_id(
      std::string("\x00\x25\x01\x01\x00\x02\xbf\xa9\x19\x00\x3b\x00\x6e\x6d\x00\x00", 16));
  ASSERT_TRUE(device.ok()) << device.status();
  EXPECT_EQ(device->manufacturer, "Inventec");
  EXPECT_EQ(device->product_id, 0x3b);
  EXPECT_EQ(version_text(*device), "1.00");
}

// The response of a Witherspoon with v1.99.4-34 of OpenBMC, in its issue 1480, after the completion
// code: the four bytes are no part of the version.
TEST(DeviceId, AsOpenBmcAnsweredIsRead) {
  const auto device = parse_device_id(
      std::string("\x00\x00\x80\x01\x99\x02\x8d\x41\xa7\x00\x4f\x42\x00\x04\x01\x00", 16));
  ASSERT_TRUE(device.ok()) << device.status();
  EXPECT_EQ(device->device_id, 0);
  EXPECT_EQ(device->device_revision, 0);
  EXPECT_TRUE(device->has_event_log);
  EXPECT_EQ(device->manufacturer_id, 42817u);
  EXPECT_EQ(device->manufacturer, "IBM");
  EXPECT_EQ(device->product_id, 0x424f);
  EXPECT_EQ(device->auxiliary, (std::array<uint8_t, 4>{0x00, 0x04, 0x01, 0x00}));
  EXPECT_EQ(version_text(*device), "1.99");
}

TEST(DeviceId, MayBeWithoutTheFourBytesOfTheVendors) {
  for (const size_t size : {12u, 13u, 14u, 15u}) {
    const auto device = parse_device_id(dell(size).build());
    ASSERT_TRUE(device.ok()) << device.status();
    EXPECT_EQ(device->auxiliary, std::nullopt);
    EXPECT_EQ(version_text(*device), "3.30");
  }
  EXPECT_TRUE(parse_device_id(dell().build() + "more").ok());
}

TEST(DeviceId, VersionsAreAsTheirVendorsWriteThem) {
  const auto reply = [](uint32_t manufacturer, uint8_t major, uint8_t minor, uint32_t auxiliary) {
    return dell()
        .number<uint16_t>(7, static_cast<uint16_t>(manufacturer))
        .number<uint8_t>(9, static_cast<uint8_t>(manufacturer >> 16))
        .number<uint8_t>(3, major)
        .number<uint8_t>(4, minor)
        .number<uint32_t>(12, auxiliary);
  };
  const struct {
    uint32_t manufacturer;
    uint8_t major;
    uint8_t minor;
    // The first byte is the last here.
    uint32_t auxiliary;
    std::string_view version;
  } cases[] = {
      {674, 7, 0x00, 0xb5000300, "7.00.00.181"},
      {674, 6, 0x10, 0x00000300, "6.10.00.00"},
      {674, 2, 0x63, 0x3c3c0500, "2.63.60.60"},
      {674, 2, 0x92, 0x00000500, "2.92"},
      {674, 1, 0x20, 0x32320500, "1.20.50.50"},
      {15370, 12, 0x84, 0x00000011, "12.84.17"},
      {15370, 13, 0x05, 0x00000009, "13.05.09"},
      // Of others the four bytes are not taken for a part of the version: as an iLO, an SGI UV10
      // and a Witherspoon of OpenBMC answered, in reports of users; the last of these says 0.00.
      {11, 2, 0x09, 0x30000000, "2.09"},
      {343, 0, 0x20, 0x20002300, "0.20"},
      {42817, 0, 0x00, 0x00006201, ""},
      {10876, 3, 0x10, 0x00000011, "3.10"},
      {0xabcd, 127, 0x99, 0, "127.99"},
      // No decimal digits: as ipmitool shows it.
      {343, 1, 0x3f, 0, "1.3f"},
      {343, 0, 0x00, 0, ""},
  };
  for (const auto& [manufacturer, major, minor, auxiliary, version] : cases)
    EXPECT_EQ(version_of(reply(manufacturer, major, minor, auxiliary)), version);
}

TEST(DeviceId, OfAControllerThatIsBeingUpdatedSaysSo) {
  const auto device = parse_device_id(dell().number<uint8_t>(3, 0x83).build());
  EXPECT_FALSE(device->available);
  EXPECT_EQ(version_text(*device), "3.30.30.30");
}

TEST(DeviceId, ReservedBitsAreNoPartOfNumbers) {
  const auto device = parse_device_id(dell()
                                          .number<uint8_t>(2, 0xff)
                                          .number<uint8_t>(5, 0x51)
                                          .number<uint8_t>(6, 0xfb)
                                          .number<uint8_t>(9, 0xf0)
                                          .build());
  EXPECT_EQ(device->device_revision, 15);
  EXPECT_EQ(device->specification, "1.5");
  EXPECT_FALSE(device->has_event_log);
  EXPECT_EQ(device->manufacturer, "Dell");
}

TEST(DeviceId, NumbersThatSayNothingAreUnset) {
  for (const uint32_t number : {0u, 0x0fffffu, 0xffffffu}) {
    const auto device = parse_device_id(dell()
                                            .number<uint16_t>(7, static_cast<uint16_t>(number))
                                            .number<uint8_t>(9, static_cast<uint8_t>(number >> 16))
                                            .build());
    EXPECT_EQ(device->manufacturer_id, std::nullopt) << number;
    EXPECT_EQ(device->manufacturer, "");
    EXPECT_EQ(version_text(*device), "3.30");
  }
  EXPECT_EQ(parse_device_id(dell().number<uint16_t>(10, 0).build())->product_id, std::nullopt);
  EXPECT_EQ(parse_device_id(dell().number<uint16_t>(10, 0xffff).build())->product_id, std::nullopt);
}

TEST(DeviceId, ThatIsNoneIsRefusedWithAReason) {
  EXPECT_EQ(parse_device_id("").status(),
            absl::InvalidArgumentError("Get Device ID has an empty response"));
  for (size_t size = 1; size < 12; ++size) {
    const auto device = parse_device_id(dell(size).build());
    ASSERT_TRUE(absl::IsInvalidArgument(device.status())) << size;
  }
  EXPECT_EQ(version_of(dell(11)), "the response to Get Device ID has 11 bytes, not 12");
  const auto refused = parse_device_id("\xd2");
  EXPECT_TRUE(absl::IsUnavailable(refused.status()));
  EXPECT_EQ(std::string(refused.status().message()),
            "Get Device ID was refused: it is starting (D2h)");
  EXPECT_TRUE(parse_device_id(std::string("\0", 1) + std::string(15, '\xff')).ok());
}

TEST(Manufacturers, HaveTheNamesOfTheirNumbers) {
  const std::pair<uint32_t, std::string_view> cases[] = {
      {2, "IBM"},
      {11, "HPE"},
      {47196, "HPE"},
      {343, "Intel"},
      {674, "Dell"},
      {7244, "Quanta"},
      {10368, "Fujitsu"},
      {10876, "Supermicro"},
      {19046, "Lenovo"},
      {37945, "Inspur"},
      {15370, "GIGABYTE"},
      {20301, "IBM"},
      {47488, "Supermicro"},
      {52893, "Inspur"},
      {0, ""},
      {1, ""},
      {675, ""},
      {52894, ""},
      {0xfffff, ""},
  };
  for (const auto& [number, name] : cases)
    EXPECT_EQ(manufacturer_name(number), name) << number;
}

}  // namespace
}  // namespace muster::ipmi
