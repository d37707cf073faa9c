#include "desktop/attention.h"
#include "support/desktop_pair.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::desktop;
using namespace wherry::test;

#define WAIT_FOR(condition) QVERIFY(QTest::qWaitFor([&] { return condition; }, kPatienceMs))

namespace {

/// The desktop's notifications, as a person sees and clicks them.
class FakeNotifier final : public Notifier {
  public:
    void show(const Notification& notification) override {
        told.append(notification);
        onScreen[notification.key] = notification;
    }
    void withdraw(const QString& key) override { onScreen.remove(key); }

    QList<Notification> told;
    QHash<QString, Notification> onScreen;
};

} // namespace

/// What a person who does not look at the window is told, and what the buttons there do.
class AttentionTest : public QObject {
    Q_OBJECT
  private slots:
    void init() {
        pair = std::make_unique<DesktopPair>();
        notifier = std::make_unique<FakeNotifier>();
        attention = std::make_unique<Attention>(pair->bert.app, *notifier);
        QVERIFY(pair->start());
    }
    void cleanup() {
        attention.reset();
        pair.reset();
        notifier.reset();
    }

    void anOfferIsToldWithWhatItIsAndThreeThingsToDo();
    void acceptOnlyBringsTheQuestionToTheScreen();
    void declineDeclines();
    void whatIsSeenInTheWindowIsNotTold();
    void deliveriesAndTextsAreTold();
    void aFailureIsToldAndWhatThePersonCancelledIsNot();

  private:
    QString offerFile(const QString& name = "note.txt") {
        if (!pair->offer({pair->anna.make(name, "note")}) || !pair->asked() || notifier->told.isEmpty()) return {};
        return notifier->told.constLast().key;
    }

    std::unique_ptr<DesktopPair> pair;
    std::unique_ptr<FakeNotifier> notifier;
    std::unique_ptr<Attention> attention;
};

void AttentionTest::anOfferIsToldWithWhatItIsAndThreeThingsToDo() {
    QVERIFY(!offerFile("<b>bold & more.txt").isEmpty());
    const Notification told = notifier->told.constLast();
    QCOMPARE(told.kind, Notification::Kind::Question);
    QVERIFY(told.title.contains(pair->bert.app.offers()->current()->peerName()));
    QVERIFY2(told.body.startsWith("<b>bold & more.txt\n"), qPrintable(told.body)); // plain text; the port escapes
    QCOMPARE(told.actions.size(), 3);
    pair->bert.app.offers()->current()->decline();
    WAIT_FOR(notifier->onScreen.isEmpty()); // nobody is asked any more
}

void AttentionTest::acceptOnlyBringsTheQuestionToTheScreen() {
    QSignalSpy wanted(attention.get(), &Attention::windowWanted);
    const QString key = offerFile();
    emit notifier->chosen(key, "accept");
    QCOMPARE(wanted.count(), 1);
    emit notifier->chosen(key, "show");
    emit notifier->activated(key);
    QCOMPARE(wanted.count(), 3);
    Offer* offer = pair->bert.app.offers()->current();
    QVERIFY(offer && !offer->looking());
    offer->arm(); // the window shows it
    QVERIFY(!offer->acceptable());
    QVERIFY(QDir(pair->bert.in("")).isEmpty());
    WAIT_FOR(offer->acceptable());
    offer->accept();
    WAIT_FOR(QFile::exists(pair->bert.in("note.txt")));
}

void AttentionTest::declineDeclines() {
    QSignalSpy wanted(attention.get(), &Attention::windowWanted);
    const QString key = offerFile();
    emit notifier->chosen("offer-424242", "decline"); // another question, which nobody asks any more
    QVERIFY(pair->bert.app.offers()->current());
    emit notifier->chosen(key, "decline");
    QVERIFY(!pair->bert.app.offers()->current());
    QCOMPARE(wanted.count(), 0);
    WAIT_FOR(pair->anna.app.history()->index(0).data(HistoryModel::OutcomeRole) == "declined");
}

void AttentionTest::whatIsSeenInTheWindowIsNotTold() {
    attention->setWatched(true);
    QVERIFY(pair->offer({pair->anna.make("one.txt", "1")}));
    QVERIFY(pair->asked());
    QVERIFY(notifier->told.isEmpty());
    pair->bert.app.offers()->current()->decline();
    WAIT_FOR(pair->anna.app.history()->count() == 1);
    attention->setWatched(false);
    QVERIFY(!offerFile("two.txt").isEmpty());
    QCOMPARE(notifier->onScreen.size(), 1);
    attention->setWatched(true); // it is on the screen now
    QVERIFY(notifier->onScreen.isEmpty());
}

void AttentionTest::deliveriesAndTextsAreTold() {
    QVERIFY(!offerFile().isEmpty());
    Offer* offer = pair->bert.app.offers()->current();
    offer->arm();
    WAIT_FOR(offer->acceptable());
    offer->accept();
    WAIT_FOR(std::ranges::any_of(notifier->told,
                                 [](const Notification& one) { return one.kind == Notification::Kind::Done; }));
    QVERIFY(notifier->told.constLast().body.startsWith("note.txt\n"));
    pair->anna.app.draft()->setText("hello");
    QVERIFY(pair->anna.app.draft()->sendToTarget(pair->bert.app.addresses().value(0)));
    WAIT_FOR(std::ranges::any_of(notifier->told,
                                 [](const Notification& one) { return one.title.startsWith("A text from "); }));
}

void AttentionTest::aFailureIsToldAndWhatThePersonCancelledIsNot() {
    QVERIFY(!offerFile().isEmpty());
    WAIT_FOR(pair->anna.app.transfers()->count() == 1);
    pair->anna.app.transfers()->cancel(0); // at the other side
    WAIT_FOR(std::ranges::any_of(notifier->told,
                                 [](const Notification& one) { return one.kind == Notification::Kind::Failed; }));
    const auto failures = std::ranges::count(notifier->told, Notification::Kind::Failed, &Notification::kind);
    QVERIFY(pair->offer({pair->anna.make("big.bin", QByteArray(3'000'000, 'z'))}));
    QVERIFY(pair->asked());
    WAIT_FOR(pair->bert.app.transfers()->count() == 1);
    pair->bert.app.transfers()->cancel(0); // here
    WAIT_FOR(!pair->bert.app.offers()->current());
    QCOMPARE(std::ranges::count(notifier->told, Notification::Kind::Failed, &Notification::kind), failures);
}

QTEST_GUILESS_MAIN(AttentionTest)
#include "attention_test.moc"
