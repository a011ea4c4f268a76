"""Pictures of shoes, a bath, a pill box, glasses, a plant and a bed; nobody is in them."""

import math

from newsletter_app.sample.drawing.sheet import (
    BRICK,
    CARD,
    EDGE,
    GOLD,
    INK,
    MINT,
    PALE_MINT,
    PAPER,
    PINE,
    PINE_STRONG,
    SAND,
    SOFT,
    WIDTH,
    WOOD,
    WOOD_SHADE,
    Sheet,
    smooth,
)


def shoes(sheet: Sheet) -> None:
    """Two closed shoes with straps on a mat."""
    sheet.shape([(130, 572), (1050, 572), (1120, 690), (60, 690)], MINT)
    sheet.shape([(156, 586), (1024, 586), (1078, 674), (102, 674)], PALE_MINT)
    for left, top, upper, strap in ((430, 100, PINE_STRONG, EDGE), (170, 150, PINE, GOLD)):
        outline = [
            (0, 190),
            (20, 176),
            (120, 168),
            (186, 190),
            (236, 250),
            (330, 300),
            (430, 326),
            (486, 372),
            (488, 440),
            (440, 452),
            (20, 452),
            (-8, 420),
            (-10, 290),
        ]
        sheet.blob([(left + x, top + y) for x, y in outline], upper)
        sheet.oval(left + 92, top + 184, 84, 20, INK)
        sheet.box(left - 22, top + 428, left + 504, top + 486, CARD, 22)
        sheet.box(left - 18, top + 456, left + 500, top + 490, SOFT, 18)
        for x, y in ((176, 216), (252, 268)):
            sheet.line([(left + x - 60, top + y + 104), (left + x + 34, top + y + 12)], 40, strap)
            sheet.oval(left + x - 60, top + y + 104, 9, 9, INK)


def bath(sheet: Sheet) -> None:
    """A bath with a thermometer in it, a tap and a stool."""
    for row in range(4):
        sheet.box(0, 100 + row * 120, WIDTH, 104 + row * 120, PAPER)
    for column in range(8):
        sheet.box(120 + column * 150, 0, 124 + column * 150, 560, PAPER)
    sheet.curve([(210, 350), (210, 250), (240, 220), (290, 230), (300, 270)], 30, EDGE)
    sheet.line([(176, 300), (244, 300)], 20, EDGE)
    sheet.oval(520, 372, 352, 40, MINT)
    _thermometer(sheet, 560, 130)
    sheet.blob([(176, 372), (300, 392), (520, 400), (740, 392), (864, 372), (864, 392), (176, 392)], MINT)
    tub = [(150, 380), (194, 600), (244, 640), (796, 640), (846, 600), (890, 380)]
    sheet.shape(tub, CARD)
    sheet.line(tub, 8, PINE)
    sheet.box(120, 356, 920, 396, PINE, 20)
    sheet.box(168, 360, 872, 374, MINT, 6)
    for x in (270, 770):
        sheet.oval(x, 652, 34, 26, PINE)
    sheet.box(960, 500, 1130, 532, WOOD, 12)
    sheet.line([(985, 530), (968, 664)], 20, WOOD_SHADE)
    sheet.line([(1105, 530), (1122, 664)], 20, WOOD_SHADE)
    sheet.box(975, 470, 1115, 500, GOLD, 12)
    for x, y in ((700, 330), (740, 296), (668, 286)):
        sheet.oval(x, y, 20, 20, CARD)


def _thermometer(sheet: Sheet, x: float, top: float) -> None:
    sheet.box(x - 46, top, x + 46, top + 250, PINE, 46)
    sheet.box(x - 34, top + 12, x + 34, top + 250, CARD, 34)
    sheet.box(x - 9, top + 36, x + 9, top + 250, SAND, 9)
    sheet.box(x - 9, top + 110, x + 9, top + 250, BRICK, 4)
    for step in range(6):
        sheet.box(x + 14, top + 44 + step * 30, x + (28 if step % 2 else 22), top + 49 + step * 30, INK)


def pills(sheet: Sheet) -> None:
    """A pill box for seven days, one lid open, beside a glass of water."""
    sheet.box(80, 420, 860, 610, PINE, 28)
    for day in range(7):
        left = 104 + day * 106
        if day == 2:
            sheet.box(left, 250, left + 96, 420, MINT, 14)
            sheet.box(left + 14, 266, left + 82, 406, PALE_MINT, 10)
            sheet.box(left, 436, left + 96, 586, PINE_STRONG, 14)
            for x, y, colour in ((30, 520, GOLD), (66, 540, CARD), (46, 560, CARD)):
                sheet.oval(left + x, y, 20, 13, colour)
        else:
            sheet.box(left, 436, left + 96, 586, MINT, 14)
            sheet.box(left + 30, 560, left + 66, 574, PINE, 6)
    _glass(sheet, 1010, 280, 620)
    for x, y, colour in ((640, 668, GOLD), (720, 690, CARD)):
        sheet.oval(x, y + 6, 36, 20, EDGE)
        sheet.oval(x, y, 36, 20, colour)


def _glass(sheet: Sheet, x: float, top: float, bottom: float) -> None:
    half = (bottom - top) * 0.27
    level = top + (bottom - top) * 0.26
    sheet.shape([(x - half, top), (x + half, top), (x + half * 0.8, bottom), (x - half * 0.8, bottom)], CARD)
    inset = half * 0.9
    sheet.shape(
        [
            (x - inset, level),
            (x + inset, level),
            (x + inset * 0.83, bottom - 16),
            (x - inset * 0.83, bottom - 16),
        ],
        MINT,
    )
    sheet.oval(x, level, inset, 13, PALE_MINT)
    sheet.line(
        [(x - half, top), (x - half * 0.8, bottom), (x + half * 0.8, bottom), (x + half, top)], 8, PINE
    )
    sheet.line([(x - half * 0.6, level + 50), (x - half * 0.52, bottom - 70)], 10, CARD)


def glass(sheet: Sheet) -> None:
    """A tall glass of water with lemon; a wine glass stands upside down behind it."""
    bowl = smooth(
        [
            (800, 640),
            (808, 610),
            (806, 500),
            (836, 410),
            (900, 372),
            (964, 410),
            (994, 500),
            (992, 610),
            (1000, 640),
        ]
    )
    sheet.shape(bowl, PALE_MINT)
    sheet.line([*bowl, (808, 610)], 8, EDGE)
    sheet.line([(900, 372), (900, 190)], 14, EDGE)
    sheet.oval(900, 182, 92, 14, EDGE)
    _glass(sheet, 460, 130, 640)
    sheet.oval(600, 150, 84, 84, GOLD)
    sheet.oval(600, 150, 70, 70, CARD)
    for part in range(8):
        turn = part * math.pi / 4 + 0.2
        wedge = [(600.0, 150.0)]
        wedge += [
            (600 + 62 * math.cos(turn + a), 150 + 62 * math.sin(turn + a)) for a in (0.08, 0.3, 0.5, 0.7)
        ]
        sheet.shape(wedge, GOLD)
    sheet.line([(597, 130), (597, 240)], 8, PINE)
    for x, y, size in ((430, 400, 13), (500, 460, 10), (450, 540, 8), (490, 350, 8)):
        sheet.oval(x, y, size, size, CARD)


def smoke(sheet: Sheet) -> None:
    """A cigarette put out in a dish, and a young plant."""
    sheet.oval(390, 612, 290, 62, EDGE)
    sheet.oval(390, 590, 290, 62, CARD)
    sheet.oval(390, 584, 240, 44, SAND)
    sheet.oval(300, 590, 60, 14, EDGE)
    sheet.line([(300, 580), (380, 560)], 40, CARD)
    sheet.line([(380, 560), (500, 530)], 40, GOLD)
    sheet.shape([(276, 562), (310, 556), (318, 600), (282, 602), (262, 584)], SOFT)
    sheet.shape([(730, 430), (1050, 430), (1006, 664), (774, 664)], BRICK)
    sheet.box(706, 396, 1074, 452, BRICK, 14)
    sheet.box(706, 442, 1074, 456, "#6F140D")
    sheet.curve([(890, 400), (884, 300), (896, 170)], 16, PINE)
    for x, y, side, size in (
        (888, 330, 1, 1.0),
        (886, 300, -1, 1.0),
        (890, 230, 1, 0.8),
        (892, 210, -1, 0.8),
    ):
        leaf = [(0, 0), (50, -62), (130, -76), (176, -50), (140, 0), (60, 14)]
        sheet.blob([(x + side * size * across, y + size * up) for across, up in leaf], PINE)
        sheet.line([(x, y), (x + side * size * 120, y - size * 38)], 6, MINT)
    sheet.blob([(896, 180), (862, 130), (892, 70), (926, 128)], PINE)


def sleep(sheet: Sheet) -> None:
    """A bed under a window at night."""
    sheet.box(420, 50, 820, 330, CARD, 8)
    sheet.box(440, 70, 800, 310, PINE_STRONG)
    sheet.oval(690, 160, 58, 58, GOLD)
    sheet.oval(664, 146, 50, 50, PINE_STRONG)
    for x, y, size in ((500, 120, 7), (560, 230, 5), (590, 110, 5), (520, 270, 6), (740, 262, 6)):
        sheet.oval(x, y, size, size, PAPER)
    sheet.box(613, 70, 627, 310, CARD)
    sheet.box(400, 322, 840, 350, CARD, 6)
    sheet.box(90, 330, 140, 670, WOOD_SHADE, 14)
    sheet.box(1070, 450, 1116, 670, WOOD_SHADE, 14)
    sheet.box(120, 540, 1090, 630, WOOD, 10)
    sheet.box(134, 470, 1076, 560, CARD, 26)
    sheet.box(160, 400, 390, 492, PALE_MINT, 40)
    sheet.box(430, 436, 1080, 590, PINE, 36)
    sheet.shape([(430, 470), (560, 438), (560, 590), (466, 590), (430, 560)], PINE)
    sheet.blob([(424, 450), (500, 430), (584, 436), (560, 500), (574, 588), (450, 592), (420, 540)], MINT)
