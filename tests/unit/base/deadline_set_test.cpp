#include "base/deadline_set.h"

#include <QTest>
#include <optional>
#include <string>

using namespace wherry;
using namespace std::chrono_literals;

using Set = DeadlineSet<int, std::string>;

class DeadlineSetTest : public QObject {
    Q_OBJECT

  private slots:
    void anEmptySetIsNeverDue() {
        Set set;
        QCOMPARE(set.next(), kNever);
        QVERIFY(set.due(kNever).empty());
        QCOMPARE(set.of("a"), size_t(0));
    }

    void whatIsDueComesInOrderAtItsTimeAndNotBefore() {
        Set set;
        const auto three = set.add(3, "a", Instant(3s));
        const auto one = set.add(1, "b", Instant(1s));
        const auto two = set.add(2, "a", Instant(2s));
        QCOMPARE(set.next(), Instant(1s));
        QCOMPARE(set.first(), 1);
        QVERIFY(set.due(Instant(1s - 1ns)).empty());
        QCOMPARE(set.due(Instant(1s)), std::vector{1});
        QCOMPARE(set.due(Instant(3s)), (std::vector{1, 2, 3}));
    }

    void theSameTimeIsThereForMany() {
        Set set;
        const auto one = set.add(1, "a", Instant(1s)), two = set.add(2, "a", Instant(1s));
        QCOMPARE(set.due(Instant(1s)), (std::vector{1, 2}));
    }

    void ownersAreCounted() {
        Set set;
        auto one = std::optional(set.add(1, "a", Instant(1s)));
        const auto two = set.add(2, "a", Instant(2s)), three = set.add(3, "b", Instant(3s));
        QCOMPARE(set.of("a"), size_t(2));
        QCOMPARE(set.of("b"), size_t(1));
        QCOMPARE(set.size(), size_t(3));
        one.reset(); // forgotten with its entry
        QCOMPARE(set.of("a"), size_t(1));
        QCOMPARE(set.next(), Instant(2s));
    }

    void anEntryMovesAndIsReplaced() {
        Set early, late;
        auto entry = early.add(1, "a", Instant(1s));
        Set::Entry other = std::move(entry);
        QCOMPARE(early.size(), size_t(1));
        other = late.add(1, "a", Instant(9s)); // the same thing has another deadline, in another set
        QCOMPARE(early.size(), size_t(0));
        QCOMPARE(early.of("a"), size_t(0));
        QCOMPARE(late.next(), Instant(9s));
        QVERIFY(other.isIn(late) && !other.isIn(early));
        for (const auto when : {9s, 5s}) other = late.add(1, "a", Instant(when)); // or in the same
        QCOMPARE(late.size(), size_t(1));
        QCOMPARE(late.of("a"), size_t(1));
        QCOMPARE(late.next(), Instant(5s));
        other = {};
        QCOMPARE(late.size(), size_t(0));
    }

    void thingsThatAreNeverDueAreCountedToo() {
        Set set;
        const auto entry = set.add(1, "a", kNever);
        QCOMPARE(set.next(), kNever);
        QCOMPARE(set.of("a"), size_t(1));
    }
};

QTEST_APPLESS_MAIN(DeadlineSetTest)
#include "deadline_set_test.moc"
