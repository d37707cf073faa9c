#include "link/link_limits.h"
#include "link/recv_buffer.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::link;

class RecvBufferTest : public QObject {
    Q_OBJECT

  private slots:
    void bytesThatAreTakenAsTheyComeShareTheirBlocks() {
        BlockPool pool;
        RecvBuffer buffer(pool);
        Slices held;
        size_t size = 0;
        for (uint8_t packet = 0; size < 4 * kBlockSize; ++packet) {
            buffer.append(Bytes(1400, packet));
            size += 1400;
            for (Slice& slice : buffer.take(buffer.available())) held.push_back(std::move(slice));
        }
        QCOMPARE(totalLength(held), size);
        QVERIFY2(pool.outstanding() <= 5, qPrintable(QString::number(pool.outstanding())));
        Bytes all(size);
        copyTo(held, all);
        for (size_t i = 0; i < size; ++i) QCOMPARE(all[i], static_cast<uint8_t>(i / 1400));
    }

    void aBigBlockGoesBackOnceEverythingIsReadAndNobodyHasIt() {
        BlockPool pool;
        RecvBuffer buffer(pool);
        buffer.append(Bytes(kFirstReceiveBlock + kSecondReceiveBlock + 1000, 7));
        QCOMPARE(pool.outstanding(), size_t(1));
        buffer.drop(buffer.available());
        QCOMPARE(pool.outstanding(), size_t(0));
        buffer.append(Bytes(10, 8));
        QCOMPARE(buffer.front().size(), size_t(10));
        buffer.take(10);
        buffer.append(Bytes(kBlockSize, 9));
        buffer.drop(buffer.available());
        QCOMPARE(pool.outstanding(), size_t(0));
        QCOMPARE(buffer.available(), size_t(0));
    }
};

QTEST_APPLESS_MAIN(RecvBufferTest)
#include "recv_buffer_test.moc"
