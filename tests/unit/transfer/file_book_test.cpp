#include "transfer/file_book.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::transfer;

class FileBookTest : public QObject {
    Q_OBJECT

    /// A folder with three files of 10, 20 and 30 bytes.
    static Manifest three() {
        ManifestBuilder builder;
        [&] {
            QVERIFY(builder.add({kNoEntry, "d", true, false, 0, 0}));
            QVERIFY(builder.add({0, "a", false, false, 10, 0}));
            QVERIFY(builder.add({0, "b", false, false, 20, 0}));
            QVERIFY(builder.add({0, "c", false, false, 30, 0}));
        }();
        return builder.finish();
    }

  private slots:
    void what_is_skipped_is_counted_as_nothing_else() {
        const Manifest manifest = three();
        FileBook book(manifest);
        QVERIFY(book.select({}));
        book.skip(2);
        QVERIFY(!book.wanted(2));
        QCOMPARE(book.files(), uint64_t(2));
        QCOMPARE(book.bytes(), uint64_t(40));
        QCOMPARE(book.filesSkipped(), uint64_t(1));
        QCOMPARE(book.bytesOf(EntryState::Skipped), uint64_t(20));
        QVERIFY(!book.settled());
        book.set(1, EntryState::Done);
        book.set(3, EntryState::Failed);
        QVERIFY(book.settled());
        QCOMPARE(book.filesDone(), uint64_t(1));
        QCOMPARE(book.filesOf(EntryState::Failed), uint64_t(1));
    }
    void with_everything_skipped_it_is_settled_and_nothing_is_done() {
        const Manifest manifest = three();
        FileBook book(manifest);
        QVERIFY(book.select({}));
        for (uint32_t i = 0; i < manifest.count(); ++i) book.skip(i);
        QVERIFY(book.settled());
        QCOMPARE(book.files() + book.bytes() + book.filesDone(), uint64_t(0));
        QCOMPARE(book.filesSkipped(), uint64_t(3));
    }
    void what_was_not_chosen_is_not_skipped() {
        const Manifest manifest = three();
        FileBook book(manifest);
        QVERIFY(book.select({1}));
        QVERIFY(book.wanted(0) && book.wanted(1) && !book.wanted(2));
        QCOMPARE(book.filesSkipped(), uint64_t(0));
        QCOMPARE(book.bytes(), uint64_t(10));
        QCOMPARE(book.select({4}).error().code, Errc::InvalidArgument);
    }
};

QTEST_APPLESS_MAIN(FileBookTest)
#include "file_book_test.moc"
