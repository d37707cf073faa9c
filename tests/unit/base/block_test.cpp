#include "base/block.h"

#include <QtTest>
#include <optional>

using namespace wherry;

class BlockTest : public QObject {
    Q_OBJECT
  private slots:
    void aSliceKeepsItsBlockAlive();
    void slicesAreCutAtBothEnds();
    void slicesAreJoinedInOrder();
    void aBlockGoesBackToThePoolWithItsLastSlice();
    void thePoolKeepsNoMoreFreeBlocksThanItMay();
    void aBlockMayOutliveItsPool();
};

void BlockTest::aSliceKeepsItsBlockAlive() {
    Slice slice = Slice::copyOf(asBytes("ferry"));
    const std::weak_ptr<const Block> watched = slice.block;
    const Slice second = slice.from(1);
    slice = {};
    QCOMPARE(asText(second.view()), std::string_view("erry"));
    QVERIFY(!watched.expired());
    QVERIFY(slice.empty());
    QVERIFY(slice.view().empty());
}

void BlockTest::slicesAreCutAtBothEnds() {
    const Slice slice = Slice::copyOf(asBytes("across"));
    QCOMPARE(asText(slice.first(2).view()), std::string_view("ac"));
    QCOMPARE(asText(slice.from(2).first(3).view()), std::string_view("ros"));
    QVERIFY(slice.first(0).empty());
    QVERIFY(slice.from(6).empty());
    QVERIFY(Slice::copyOf({}).empty());
}

void BlockTest::slicesAreJoinedInOrder() {
    const Slices slices{Slice::copyOf(asBytes("bank")), Slice(), Slice::copyOf(asBytes(" to bank"))};
    QCOMPARE(totalLength(slices), size_t{12});
    Bytes out(12);
    copyTo(slices, out);
    QCOMPARE(asText(out), std::string_view("bank to bank"));
}

void BlockTest::aBlockGoesBackToThePoolWithItsLastSlice() {
    BlockPool pool;
    BlockPtr block = pool.take();
    const uint8_t* memory = block->data();
    QCOMPARE(block->capacity(), kBlockSize);
    std::optional<Slice> slice = Slice{block, 0, 10};
    block.reset();
    QCOMPARE(pool.outstanding(), size_t{1});
    slice.reset();
    QCOMPARE(pool.outstanding(), size_t{0});
    QCOMPARE(pool.take()->data(), memory);
}

void BlockTest::thePoolKeepsNoMoreFreeBlocksThanItMay() {
    BlockPool pool(2);
    std::vector<BlockPtr> held;
    for (int i = 0; i < 5; ++i) held.push_back(pool.take());
    QCOMPARE(pool.outstanding(), size_t{5});
    QSet<const void*> addresses;
    for (const BlockPtr& block : held) addresses.insert(block->data());
    QCOMPARE(addresses.size(), 5);
    held.clear();
    QCOMPARE(pool.outstanding(), size_t{0});
    const BlockPtr one = pool.take();
    const BlockPtr two = pool.take();
    QVERIFY(addresses.contains(one->data()));
    QVERIFY(addresses.contains(two->data()));
}

void BlockTest::aBlockMayOutliveItsPool() {
    std::optional<BlockPool> pool(std::in_place, 4);
    const BlockPtr block = pool->take();
    block->data()[0] = 42;
    pool.reset();
    QCOMPARE(block->data()[0], uint8_t{42});
    block->data()[kBlockSize - 1] = 1;
}

QTEST_APPLESS_MAIN(BlockTest)
#include "block_test.moc"
