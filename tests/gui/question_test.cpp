#include "gui/app_window.h"

#include <QDir>

using namespace wherry;
using namespace wherry::desktop;
using namespace wherry::test;

#define WAIT_FOR(condition) QVERIFY(QTest::qWaitFor([&] { return condition; }, kPatienceMs))

/// The question about an offer, as a person answers it with pointer and keyboard.
class QuestionTest : public QObject {
    Q_OBJECT
  private slots:
    void init() {
        pair = std::make_unique<DesktopPair>();
        QVERIFY(pair->start());
        bert = std::make_unique<AppWindow>(pair->bert.app);
        QVERIFY(bert->window);
    }
    void cleanup() {
        QCOMPARE(bert->warnings, QStringList());
        bert.reset();
        pair.reset();
    }

    void aNameIsChangedWithTheKeyboardAndNothingIsAnsweredByIt();
    void aNameThatStandsInTheFieldCountsWhenTheQuestionIsAnswered();
    void aYesWaitsForWhatIsFoundUnderTheNewName();
    void theTickBesideTheFieldUsesTheName();
    void tabGoesOnFromTheFieldAndKeepsTheName();
    void escapeLeavesTheFieldFirstAndThenDeclines();
    void afterANoTheNextQuestionIsAsked_data();
    void afterANoTheNextQuestionIsAsked();
    void allThatWaitAreDeclinedAtOnceAndThatIsSaid();
    void whatComesAfterAllWereDeclinedIsAskedAbout();
    void theWarningNamesItsFileAndLeadsToIt();
    void whatCannotLandThereCannotBeAccepted();
    void toBlockIsAskedAboutFirst();
    void toTrustIsAnActOfItsOwnAndAcceptsNothing();
    void theNextQuestionBeginsWithNoAgain();

  private:
    /// The question about two files is on the screen.
    bool ask(const QString& one = "a.txt", const QString& two = "b.txt") {
        if (!pair->offer({pair->anna.make(one, one.toUtf8()), pair->anna.make(two, two.toUtf8())})) return false;
        if (!pair->asked() || !bert->settled()) return false;
        return QTest::qWaitFor([&] { return offer()->armed() && bert->button("Decline"); }, kPatienceMs);
    }
    Offer* offer() const { return pair->bert.app.offers()->current(); }
    void key(Qt::Key which) const { QTest::keyClick(bert->window, which); }
    void write(const QString& text) const {
        for (const QChar one : text) QTest::keyClick(bert->window, one.toLatin1());
    }
    bool toTheList() const {
        auto* list = bert->window->findChild<QQuickItem*>("offerFiles");
        if (!list) return false;
        list->forceActiveFocus(Qt::TabFocusReason);
        return list->hasActiveFocus();
    }
    bool editing() const { return bert->window->activeFocusItem()->inherits("QQuickTextInput"); }
    bool clickUntil(const QString& text, const std::function<bool()>& done) const {
        return QTest::qWaitFor([&] { return done() || (bert->click(text), done()); }, kPatienceMs);
    }

    std::unique_ptr<DesktopPair> pair;
    std::unique_ptr<AppWindow> bert;
};

void QuestionTest::aNameIsChangedWithTheKeyboardAndNothingIsAnsweredByIt() {
    QVERIFY(ask());
    QVERIFY(toTheList());
    key(Qt::Key_Down);
    key(Qt::Key_F2);
    QVERIFY(editing());
    write("other"); // what stands behind the last dot stays
    key(Qt::Key_Return);
    QVERIFY(!editing());
    WAIT_FOR(offer() && !offer()->looking());
    QCOMPARE(offer()->files()->names(), (std::map<uint32_t, std::string>{{1, "other.txt"}}));
    key(Qt::Key_Up);
    key(Qt::Key_Space);
    QCOMPARE(offer()->files()->chosenFiles(), 1);
    key(Qt::Key_Return); // in the list it answers nothing
    QVERIFY(offer());
    QVERIFY(clickUntil("Accept", [&] { return !offer(); }));
    WAIT_FOR(QFile::exists(pair->bert.in("other.txt")));
    WAIT_FOR(pair->bert.app.history()->count() == 1);
    QCOMPARE(contentOf(pair->bert.in("other.txt")), QByteArray("b.txt"));
    QCOMPARE(QDir(pair->bert.in("")).entryList(QDir::Files), QStringList{"other.txt"});
}

void QuestionTest::aNameThatStandsInTheFieldCountsWhenTheQuestionIsAnswered() {
    QVERIFY(ask());
    QVERIFY(toTheList());
    key(Qt::Key_F2);
    QVERIFY(editing());
    write("kept");
    QVERIFY(bert->click("Accept")); // once, and without Return
    WAIT_FOR(!offer());
    WAIT_FOR(pair->bert.app.history()->count() == 1);
    QCOMPARE(contentOf(pair->bert.in("kept.txt")), QByteArray("a.txt"));
    QVERIFY(!QFile::exists(pair->bert.in("a.txt")));
}

void QuestionTest::aYesWaitsForWhatIsFoundUnderTheNewName() {
    QFile there(pair->bert.in("kept.txt"));
    QVERIFY(there.open(QIODevice::WriteOnly));
    there.close();
    QVERIFY(ask());
    QVERIFY(toTheList());
    key(Qt::Key_F2);
    QVERIFY(editing());
    write("kept");
    QVERIFY(bert->click("Accept"));
    WAIT_FOR(!offer()->looking());
    QVERIFY(!offer()->takenText().isEmpty()); // which nobody had seen
    QVERIFY(!offer()->armed());
    QVERIFY(clickUntil("Accept", [&] { return !offer(); }));
    WAIT_FOR(pair->bert.app.history()->count() == 1);
    QCOMPARE(contentOf(pair->bert.in("kept (1).txt")), QByteArray("a.txt"));
    QCOMPARE(contentOf(pair->bert.in("kept.txt")), QByteArray());
}

void QuestionTest::theTickBesideTheFieldUsesTheName() {
    QVERIFY(ask());
    QVERIFY(clickUntil("Rename a.txt", [&] { return editing(); }));
    write("ticked");
    QVERIFY(bert->click("Use this name"));
    QVERIFY(!editing());
    QCOMPARE(offer()->files()->names(), (std::map<uint32_t, std::string>{{0, "ticked.txt"}}));
    QVERIFY(bert->window->findChild<QQuickItem*>("offerFiles")->hasActiveFocus());
}

void QuestionTest::tabGoesOnFromTheFieldAndKeepsTheName() {
    QVERIFY(ask());
    for (const Qt::Key way : {Qt::Key_Tab, Qt::Key_Backtab}) {
        QVERIFY(toTheList());
        key(Qt::Key_F2);
        QVERIFY(editing());
        write(way == Qt::Key_Tab ? "on" : "back");
        QTest::keyClick(bert->window, way, way == Qt::Key_Tab ? Qt::NoModifier : Qt::ShiftModifier);
        QVERIFY(!editing());
        key(Qt::Key_Tab); // nothing holds it
        QVERIFY(!editing());
        QCOMPARE(offer()->files()->names().at(0), std::string(way == Qt::Key_Tab ? "on.txt" : "back.txt"));
    }
}

void QuestionTest::escapeLeavesTheFieldFirstAndThenDeclines() {
    QVERIFY(ask());
    QVERIFY(toTheList());
    key(Qt::Key_F2);
    QVERIFY(editing());
    write("nothing");
    key(Qt::Key_Escape);
    QVERIFY(!editing());
    QVERIFY(offer() && offer()->files()->names().empty());
    key(Qt::Key_Escape);
    WAIT_FOR(!offer());
    WAIT_FOR(pair->anna.app.history()->index(0).data(HistoryModel::OutcomeRole) == "declined");
}

void QuestionTest::afterANoTheNextQuestionIsAsked_data() {
    QTest::addColumn<bool>("byKey");
    QTest::newRow("Escape") << true;
    QTest::newRow("the button") << false;
}

void QuestionTest::afterANoTheNextQuestionIsAsked() {
    QFETCH(bool, byKey);
    QVERIFY(ask());
    QVERIFY(pair->offer({pair->anna.make("c.txt", "c")}));
    QVERIFY(pair->offer({pair->anna.make("d.txt", "d")}));
    WAIT_FOR(pair->bert.app.offers()->count() == 3);
    for (int left = 2; left >= 0; --left) {
        WAIT_FOR(offer()->armed() && bert->button("Decline"));
        QVERIFY(bert->settled());
        if (byKey)
            key(Qt::Key_Escape);
        else
            QVERIFY(clickUntil("Decline", [&] { return pair->bert.app.offers()->count() == left; }));
        WAIT_FOR(pair->bert.app.offers()->count() == left);
    }
    WAIT_FOR(!bert->button("Decline"));
}

void QuestionTest::allThatWaitAreDeclinedAtOnceAndThatIsSaid() {
    QVERIFY(ask());
    QVERIFY(!bert->button("Decline all")); // one alone has its own button
    QVERIFY(pair->offer({pair->anna.make("c.txt", "c")}));
    QVERIFY(pair->offer({pair->anna.make("d.txt", "d")}));
    WAIT_FOR(pair->bert.app.offers()->count() == 3);
    QStringList notices;
    connect(&pair->bert.app, &App::noticed, this, [&](int, const QString& text) { notices.append(text); });
    WAIT_FOR(offer()->armed() && bert->button("Decline all"));
    QVERIFY(bert->settled());
    QVERIFY(bert->window->activeFocusItem() == bert->button("Decline")); // which stays the answer of Return
    for (int i = 0; i < 30 && bert->window->activeFocusItem() != bert->button("Decline all"); ++i) key(Qt::Key_Tab);
    QVERIFY(bert->window->activeFocusItem() == bert->button("Decline all"));
    key(Qt::Key_Space);
    WAIT_FOR(pair->bert.app.offers()->count() == 0 && !bert->button("Decline"));
    WAIT_FOR(pair->bert.app.history()->count() == 3 && pair->anna.app.history()->count() == 3);
    for (int row = 0; row < 3; ++row) {
        QCOMPARE(pair->bert.app.history()->index(row).data(HistoryModel::StatusRole).toString(), QString("You said no"));
        QCOMPARE(pair->anna.app.history()->index(row).data(HistoryModel::OutcomeRole).toString(), QString("declined"));
    }
    QCOMPARE(notices, QStringList{"Declined 3 offers of one device. The history has them."});
    QVERIFY(QDir(pair->bert.in("")).isEmpty());
}

void QuestionTest::whatComesAfterAllWereDeclinedIsAskedAbout() {
    QVERIFY(ask());
    QVERIFY(pair->offer({pair->anna.make("c.txt", "c")}));
    WAIT_FOR(pair->bert.app.offers()->count() == 2);
    QVERIFY(clickUntil("Decline all", [&] { return pair->bert.app.offers()->count() == 0; }));
    QVERIFY(ask("later.txt", "d.txt"));
    QVERIFY(clickUntil("Accept", [&] { return !offer(); }));
    WAIT_FOR(QFile::exists(pair->bert.in("later.txt")));
}

void QuestionTest::theWarningNamesItsFileAndLeadsToIt() {
    for (int i = 0; i < 30; ++i) pair->anna.make(QString("many/deep/%1.txt").arg(i), "x");
    QVERIFY(pair->offer({pair->anna.folder.filePath("many"), pair->anna.make("home of old/.bashrc", "a")}));
    QVERIFY(pair->asked() && bert->settled());
    QCOMPARE(offer()->warningText(), QString("“.bashrc” needs a second look"));
    QVERIFY(offer()->warningDetail().contains("shell"));
    const auto files = [&] { return offer()->files()->count(); };
    const int all = files();
    QVERIFY(clickUntil("Only marked", [&] { return files() == 1; }));
    QVERIFY(bert->settled());
    const auto named = [](QQuickItem& item) { return item.property("text") == ".bashrc"; };
    auto* list = bert->window->findChild<QQuickItem*>("offerFiles");
    QVERIFY(bert->find(named, list) && list->hasActiveFocus());
    key(Qt::Key_Space); // it is left out
    QCOMPARE(offer()->files()->chosenFiles(), 30);
    QVERIFY(clickUntil("Show all", [&] { return files() == all; }));
    QCOMPARE(offer()->files()->chosenFiles(), 30);
}

void QuestionTest::whatCannotLandThereCannotBeAccepted() {
    QVERIFY(ask());
    offer()->setFolder(QUrl::fromLocalFile(pair->bert.folder.filePath("home")));
    WAIT_FOR(!offer()->looking());
    QVERIFY(bert->settled());
    QVERIFY(!bert->click("Accept"));
    offer()->files()->setAllChosen(false);
    offer()->setFolder(QUrl::fromLocalFile(pair->bert.in("")));
    WAIT_FOR(!offer()->looking());
    QVERIFY(bert->settled());
    QVERIFY(!bert->click("Accept")); // nothing is chosen
    offer()->files()->setAllChosen(true);
    QVERIFY(clickUntil("Accept", [&] { return !offer(); }));
    WAIT_FOR(QFile::exists(pair->bert.in("a.txt")));
}

void QuestionTest::toBlockIsAskedAboutFirst() {
    QVERIFY(ask());
    QVERIFY(clickUntil("Block…", [&] { return bert->button("Block") != nullptr; }));
    key(Qt::Key_Escape); // the smaller question
    WAIT_FOR(!bert->button("Block"));
    QVERIFY(offer());
    WAIT_FOR(offer()->armed());
    QVERIFY(clickUntil("Block…", [&] { return bert->button("Block") != nullptr; }));
    QVERIFY(clickUntil("Block", [&] { return !offer(); }));
    WAIT_FOR(pair->bert.app.knownPeers()->count() == 1 &&
             pair->bert.app.knownPeers()->index(0).data(PeersModel::BlockedRole).toBool());
    QVERIFY(QDir(pair->bert.in("")).isEmpty());
}

void QuestionTest::toTrustIsAnActOfItsOwnAndAcceptsNothing() {
    QVERIFY(ask());
    QVERIFY(clickUntil("Trust…", [&] { return bert->button("Trust") != nullptr; }));
    QVERIFY(!offer()->trusted());
    QVERIFY(clickUntil("Trust", [&] { return offer()->trusted(); }));
    WAIT_FOR(!bert->button("Trust…"));
    QVERIFY(offer()); // it still waits
    QVERIFY(QDir(pair->bert.in("")).isEmpty());
}

void QuestionTest::theNextQuestionBeginsWithNoAgain() {
    QVERIFY(ask());
    QVERIFY(pair->anna.app.draft()->isEmpty());
    QVERIFY(pair->offer({pair->anna.make("second.txt", "2")}));
    WAIT_FOR(pair->bert.app.offers()->count() == 2);
    QCOMPARE(pair->bert.app.offers()->waitingText(), QString("1 more waits"));
    QVERIFY(clickUntil("Accept", [&] { return pair->bert.app.offers()->count() == 1; }));
    QVERIFY(offer() && !offer()->armed()); // a second click counts for nothing
    QVERIFY(!bert->click("Accept"));
    QVERIFY(bert->settled());
    WAIT_FOR(bert->window->activeFocusItem() == bert->button("Decline"));
    WAIT_FOR(offer()->armed());
    key(Qt::Key_Return);
    WAIT_FOR(!offer());
    WAIT_FOR(QFile::exists(pair->bert.in("a.txt")));
    QVERIFY(!QFile::exists(pair->bert.in("second.txt")));
}

QTEST_MAIN(QuestionTest)
#include "question_test.moc"
