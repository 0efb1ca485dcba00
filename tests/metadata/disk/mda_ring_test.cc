// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/disk/mda_ring.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <ostream>

namespace ashlar::disk {

void PrintTo(const RingPiece& piece, std::ostream* out) { *out << piece.offset.n << '+' << piece.length.n; }

namespace {

RawLocn at(std::uint64_t offset, std::uint64_t size) { return {{offset}, {size}, 0, 0}; }
using Pieces = std::vector<RingPiece>;

TEST(MdaRing, BoundsTextsToHalfTheRing) {
  EXPECT_EQ(max_text_size({1044480}), Bytes{521472});
  EXPECT_EQ(max_text_size({32768}), Bytes{15616});
  EXPECT_EQ(max_text_size({1024}), Bytes{0});
  EXPECT_EQ(max_text_size({1536}), Bytes{0});
  EXPECT_EQ(max_text_size({2560}), Bytes{512});
}

TEST(MdaRing, StartsAnEmptyRingBehindTheHeader) {
  EXPECT_EQ(next_place({32768}, {}, {100})->pieces, (Pieces{{{512}, {100}}}));
}

TEST(MdaRing, StartsAnIgnoredAreaAnew) {
  RawLocn ignored{{20000}, {15000}, 0, 1};
  EXPECT_EQ(next_place({32768}, ignored, {15000})->pieces, (Pieces{{{512}, {15000}}}));
}

TEST(MdaRing, FollowsOnTheNextSectorBoundary) {
  EXPECT_EQ(next_place({32768}, at(512, 1), {7})->offset, Bytes{1024});
  EXPECT_EQ(next_place({32768}, at(512, 512), {7})->offset, Bytes{1024});
  EXPECT_EQ(next_place({32768}, at(512, 513), {7})->offset, Bytes{1536});
  EXPECT_EQ(next_place({32768}, at(700, 100), {7})->offset, Bytes{1024});
}

// docs/format.md 2.11: the sequence that lvm2 left on an area of 32 KiB.
TEST(MdaRing, WrapsTextThatCrossesTheEnd) {
  auto place = next_place({32768}, at(30208, 1200), {1207});
  ASSERT_TRUE(place.ok());
  EXPECT_EQ(place->pieces, (Pieces{{{31744}, {1024}}, {{512}, {183}}}));
  EXPECT_EQ(next_place({32768}, at(31744, 1207), {1214})->pieces, (Pieces{{{1024}, {1214}}}));
  EXPECT_EQ(next_place({32768}, at(1024, 1214), {1221})->pieces, (Pieces{{{2560}, {1221}}}));
}

TEST(MdaRing, GoesBackToTheStartWhereNoSectorIsLeft) {
  EXPECT_EQ(next_place({32768}, at(31744, 1024), {100})->offset, Bytes{512});
  EXPECT_EQ(next_place({32768}, at(31744, 600), {100})->offset, Bytes{512});
  EXPECT_EQ(next_place({32768}, at(31232, 1024), {100})->offset, Bytes{32256});
  EXPECT_EQ(next_place({32768}, at(31744, 512), {100})->offset, Bytes{32256});
}

TEST(MdaRing, RefusesTextsLargerThanTheLimit) {
  EXPECT_TRUE(next_place({32768}, {}, {15616}).ok());
  auto large = next_place({32768}, {}, {15617});
  ASSERT_FALSE(large.ok());
  EXPECT_EQ(large.error().code(), Errc::NoSpace);
  EXPECT_NE(large.error().message().find("15617 bytes exceeds the maximum of 15616 bytes"), std::string::npos);
}

// A text beyond the limit can be there: an area was made smaller by another program, or its header is hostile.
TEST(MdaRing, RefusesToOverwriteTheCommittedText) {
  auto place = next_place({32768}, at(512, 30000), {15000});
  ASSERT_FALSE(place.ok());
  EXPECT_EQ(place.error().code(), Errc::NoSpace);
  EXPECT_NE(place.error().message().find("15000 bytes does not fit beside the 30000 bytes in use"), std::string::npos);
  EXPECT_FALSE(next_place({32768}, at(20000, 30000), {15000}).ok());
}

TEST(MdaRing, NamesThePiecesOfACommittedText) {
  EXPECT_EQ(pieces_of({32768}, {}), Pieces{});
  EXPECT_EQ(pieces_of({32768}, at(512, 100)), (Pieces{{{512}, {100}}}));
  EXPECT_EQ(pieces_of({32768}, at(32256, 512)), (Pieces{{{32256}, {512}}}));
  EXPECT_EQ(pieces_of({32768}, at(32256, 513)), (Pieces{{{32256}, {512}}, {{512}, {1}}}));
  EXPECT_EQ(pieces_of({32768}, at(32767, 100)), (Pieces{{{32767}, {1}}, {{512}, {99}}}));
}

bool apart(const Pieces& a, const Pieces& b) {
  for (const RingPiece& x : a)
    for (const RingPiece& y : b)
      if (x.offset < y.offset + y.length && y.offset < x.offset + x.length) return false;
  return true;
}

// Whatever legal texts follow one another: each fits, lies in the ring, starts on a sector, and leaves its
// predecessor whole.
RC_GTEST_PROP(MdaRing, AlwaysHasRoomForTheNextLegalText, ()) {
  Bytes size{*rc::gen::inRange<std::uint64_t>(5, 200) * kSectorSize};
  std::uint64_t most = max_text_size(size).n;
  RawLocn committed;
  for (int i = 0; i < 100; ++i) {
    Bytes text{*rc::gen::oneOf(rc::gen::inRange<std::uint64_t>(1, most + 1), rc::gen::just(most))};
    auto place = next_place(size, committed, text);
    RC_ASSERT(place.ok());
    RC_ASSERT(place->offset.n % kSectorSize == 0U);
    std::uint64_t sum = 0;
    for (const RingPiece& piece : place->pieces) {
      RC_ASSERT(piece.offset.n >= kSectorSize && piece.offset + piece.length <= size && piece.length.n > 0);
      sum += piece.length.n;
    }
    RC_ASSERT(sum == text.n);
    RC_ASSERT(apart(place->pieces, pieces_of(size, committed)));
    committed = {place->offset, place->size, 0, 0};
    RC_ASSERT(pieces_of(size, committed) == place->pieces);
  }
}

}  // namespace
}  // namespace ashlar::disk
