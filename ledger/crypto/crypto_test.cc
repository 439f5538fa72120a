#include <gtest/gtest.h>

#include <set>

#include "ledger/crypto/aead.h"
#include "ledger/crypto/derive.h"
#include "ledger/crypto/encode.h"
#include "ledger/crypto/random.h"
#include "ledger/crypto/sha256.h"

namespace billing::crypto {
namespace {

TEST(Sha256, GivesTheStandardsDigests) {
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Base64, GivesTheTextsOfRfc4648) {
  const auto encoded = [](std::string_view text) {
    return base64(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
  };
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg==");
  EXPECT_EQ(encoded("fo"), "Zm8=");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
  EXPECT_EQ(encoded("\xfb\xff"), "+/8=");
}

TEST(Sha256, PiecesGiveTheDigestOfTheWhole) {
  std::string text;
  for (int i = 0; i < 300; ++i) text.push_back(static_cast<char>(i * 7));
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const std::string_view whole = text;
    ASSERT_EQ(Sha256().update(whole.substr(0, cut)).update(whole.substr(cut)).finish(), sha256(text)) << cut;
  }
  EXPECT_EQ(Sha256().update(std::uint8_t{'a'}).update("bc").finish(), sha256("abc"));
}

TEST(Sha256, ACopyGoesItsOwnWay) {
  Sha256 a;
  a.update("ab");
  Sha256 b = a;
  b.update("c");
  EXPECT_EQ(b.finish(), sha256("abc"));
  EXPECT_EQ(a.finish(), sha256("ab"));
}

// Test cases 1, 2, 3 and 6 of RFC 4231.
TEST(Hmac, GivesTheDigestsOfRfc4231) {
  EXPECT_EQ(hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(hmac_sha256(std::string(20, '\xaa'), std::string(50, '\xdd'))),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  EXPECT_EQ(hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Aead, OpensWhatItSealed) {
  const auto key = random_bytes<32>();
  for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 1000U, 100'000U}) {
    const std::string plain(size, 'p');
    const std::string sealed = seal(key, plain, "person 7");
    EXPECT_EQ(sealed.size(), size + kNonceBytes + kTagBytes);
    EXPECT_EQ(open(key, sealed, "person 7").value(), plain);
  }
  EXPECT_EQ(open(key, seal(key, "x", ""), "").value(), "x");
}

// Test case 16 of the GCM specification, with the nonce in front and the tag at the end.
TEST(Aead, OpensThePublishedTestVector) {
  AeadKey key;
  const std::string key_bytes =
      from_hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308").value();
  std::copy(key_bytes.begin(), key_bytes.end(), key.begin());
  const std::string sealed = from_hex(
      "cafebabefacedbaddecaf888"
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
      "bcc9f662"
      "76fc6ece0f4e1768cddf8853bb2d551b").value();
  const std::string associated = from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2").value();
  const auto plain = open(key, sealed, associated);
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(hex(*plain),
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
            "ba637b39");
}

TEST(Aead, AnyFlippedBitIsRefused) {
  const auto key = random_bytes<32>();
  const std::string sealed = seal(key, "secret", "a");
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string bad = sealed;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    const auto opened = open(key, bad, "a");
    ASSERT_FALSE(opened.has_value()) << bit;
    EXPECT_EQ(opened.error().code, Code::kCorruptRecord);
  }
}

TEST(Aead, CutTextOtherKeyAndOtherAssociatedBytesAreRefused) {
  const auto key = random_bytes<32>();
  const std::string sealed = seal(key, "secret", "a");
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(open(key, std::string_view(sealed).substr(0, size), "a").has_value());
  }
  EXPECT_FALSE(open(random_bytes<32>(), sealed, "a").has_value());
  EXPECT_FALSE(open(key, sealed, "b").has_value());
  EXPECT_FALSE(open(key, sealed, "").has_value());
}

TEST(Aead, TheSameTextIsNeverSealedTheSameWay) {
  const auto key = random_bytes<32>();
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(seal(key, "same", "").substr(0, kNonceBytes)).second);
}

TEST(Random, FillsEveryByte) {
  std::array<std::uint8_t, 64> ever{};
  for (int i = 0; i < 64; ++i) {
    const auto bytes = random_bytes<64>();
    for (std::size_t j = 0; j < bytes.size(); ++j) ever[j] |= bytes[j];
  }
  for (const auto byte : ever) EXPECT_EQ(byte, 0xff);
}

TEST(Hex, GoesThereAndBack) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  EXPECT_EQ(from_hex(hex(all)).value(), all);
  EXPECT_EQ(from_hex("00fFAb").value(), std::string("\x00\xff\xab", 3));
  EXPECT_EQ(from_hex("").value(), "");
}

TEST(Hex, OddLengthAndOtherCharactersAreRefused) {
  for (const char* text : {"0", "abc", "0g", "g0", " 0", "0x"}) {
    const auto bytes = from_hex(text);
    ASSERT_FALSE(bytes.has_value()) << text;
    EXPECT_EQ(bytes.error().code, Code::kInvalidText);
  }
}

TEST(Compare, EqualMeansSameLengthAndBytes) {
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_TRUE(equal_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_constant_time("abc", "ab"));
}

TEST(DeriveUuid, HasTheShapeOfVersion8AndTheBytesOfTheDigest) {
  const Uuid uuid = derive_uuid("number", "INV-1");
  std::string expected = hex(sha256(std::string_view("number\0INV-1", 12))).substr(0, 32);
  const std::string text = hex(uuid.view());
  EXPECT_EQ(text[12], '8');
  EXPECT_NE(std::string_view("89ab").find(text[16]), std::string_view::npos);
  expected[12] = text[12];
  expected[16] = text[16];
  EXPECT_EQ(text, expected);
  EXPECT_EQ(uuid, derive_uuid("number", "INV-1"));
}

TEST(DeriveUuid, SpaceAndNameAreKeptApart) {
  EXPECT_NE(derive_uuid("a", "bc"), derive_uuid("ab", "c"));
  EXPECT_NE(derive_uuid("a", ""), derive_uuid("b", ""));
}

}  // namespace
}  // namespace billing::crypto
