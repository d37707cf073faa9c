// A two-dimensional code given as rows of "1" (dark) and "0": whole pixels a module, so that a camera sees sharp edges.
#pragma once

#include <QColor>
#include <QQuickPaintedItem>
#include <QStringList>

namespace wherry::controls {

class QrMatrix : public QQuickPaintedItem {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QList<QString> rows MEMBER m_rows NOTIFY changed)
    Q_PROPERTY(QColor dark MEMBER m_dark NOTIFY changed)

  public:
    explicit QrMatrix(QQuickItem* parent = nullptr);
    void paint(QPainter* painter) override;

  signals:
    void changed();

  private:
    QStringList m_rows;
    QColor m_dark = Qt::black;
};

} // namespace wherry::controls
