"""Pictures of people, or a part of them: a foot, somebody by a chair, on a walk, at a table."""

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
    SKIN,
    SKIN_SHADE,
    SOFT,
    WOOD,
    WOOD_SHADE,
    Sheet,
)


def feet(sheet: Sheet) -> None:
    """A foot above a hand mirror that shows its sole."""
    sheet.oval(640, 640, 330, 46, EDGE)
    sheet.oval(640, 628, 330, 46, PINE)
    sheet.oval(640, 622, 292, 36, PALE_MINT)
    sheet.line([(960, 640), (1120, 672)], 34, PINE)
    sheet.blob(
        [(470, 622), (560, 606), (700, 604), (800, 612), (820, 624), (760, 638), (600, 644), (490, 638)],
        SKIN_SHADE,
    )
    sheet.box(330, -20, 520, 250, PINE, 20)
    sheet.box(318, 214, 532, 268, PINE_STRONG, 16)
    sheet.blob(
        [
            (345, 262),
            (505, 262),
            (525, 350),
            (600, 410),
            (720, 446),
            (830, 470),
            (860, 510),
            (820, 540),
            (640, 538),
            (470, 536),
            (372, 524),
            (340, 470),
            (352, 380),
        ],
        SKIN,
    )
    for x, y, size in ((842, 506, 34), (812, 530, 24), (776, 536, 21), (742, 538, 19), (712, 539, 17)):
        sheet.oval(x, y, size, size * 0.82, SKIN)
    sheet.oval(858, 494, 13, 8, PAPER)
    sheet.curve([(380, 470), (400, 500), (440, 512)], 6, SKIN_SHADE)
    sheet.curve([(505, 300), (520, 350), (560, 388)], 6, SKIN_SHADE)


def _person(sheet: Sheet, x: float, top: float, coat: str, hair: str = EDGE) -> None:
    """Head, neck and trunk: legs and arms differ from picture to picture."""
    sheet.box(x - 16, top + 90, x + 16, top + 140, SKIN_SHADE, 8)
    sheet.oval(x, top + 52, 50, 58, SKIN)
    sheet.blob(
        [
            (x - 54, top + 50),
            (x - 46, top + 4),
            (x, top - 18),
            (x + 46, top + 2),
            (x + 52, top + 30),
            (x + 10, top + 20),
            (x - 32, top + 30),
            (x - 42, top + 66),
        ],
        hair,
    )
    sheet.box(x - 66, top + 122, x + 66, top + 330, coat, 44)


def balance(sheet: Sheet) -> None:
    """Somebody stands on one leg and holds on to a chair."""
    sheet.box(80, 70, 330, 330, CARD, 8)
    sheet.box(96, 86, 314, 314, PALE_MINT)
    sheet.box(198, 86, 212, 314, CARD)
    sheet.box(96, 192, 314, 206, CARD)
    x, top = 560, 110
    sheet.line([(x + 24, top + 320), (x + 24, 640)], 54, SOFT)
    sheet.box(x - 4, 628, x + 96, 664, INK, 16)
    sheet.line([(x - 28, top + 320), (x - 60, 530), (x - 160, 566)], 54, SOFT)
    sheet.line([(x - 150, 556), (x - 182, 606)], 36, INK)
    _chair(sheet, 730)
    _person(sheet, x, top, PINE)
    sheet.line([(x - 44, top + 160), (x - 130, top + 220), (x - 196, top + 190)], 40, PINE)
    sheet.oval(x - 206, top + 186, 25, 25, SKIN)
    sheet.line([(x + 46, top + 164), (x + 96, top + 250), (x + 170, top + 250)], 40, PINE)
    sheet.oval(x + 186, top + 250, 25, 25, SKIN)


def _chair(sheet: Sheet, left: float) -> None:
    sheet.box(left, 350, left + 28, 664, WOOD, 10)
    sheet.box(left, 350, left + 60, 400, WOOD, 12)
    sheet.box(left + 190, 500, left + 216, 664, WOOD_SHADE, 8)
    sheet.box(left, 484, left + 230, 520, WOOD_SHADE, 12)
    sheet.box(left + 12, 466, left + 224, 492, GOLD, 12)


def walking(sheet: Sheet) -> None:
    """Somebody with a cane on a path between trees."""
    sheet.oval(930, 190, 92, 92, GOLD)
    sheet.blob(
        [(-60, 600), (180, 470), (460, 520), (720, 450), (1000, 510), (1260, 470), (1260, 800), (-60, 800)],
        MINT,
    )
    sheet.blob([(-80, 660), (300, 610), (700, 640), (1280, 600), (1280, 720), (700, 745), (-80, 735)], SAND)
    for x, base, size in ((190, 590, 1.0), (1020, 575, 0.8)):
        sheet.box(x - 16 * size, base - 170 * size, x + 16 * size, base, WOOD_SHADE, 6)
        for across, up, radius in ((0, 300, 96), (-66, 220, 80), (66, 220, 80)):
            sheet.oval(x + across * size, base - up * size, radius * size, radius * size, PINE)
    x, top = 570, 130
    sheet.line([(x - 22, top + 320), (x - 60, 560), (x - 112, 634)], 52, INK)
    sheet.line([(x + 22, top + 320), (x + 84, 540), (x + 92, 646)], 52, SOFT)
    sheet.box(x + 64, 642, x + 164, 678, BRICK, 16)
    sheet.box(x - 156, 636, x - 64, 672, BRICK, 16)
    _person(sheet, x, top, BRICK, SOFT)
    sheet.line([(x - 40, top + 164), (x - 92, top + 240), (x - 80, top + 320)], 40, BRICK)
    sheet.oval(x - 78, top + 338, 25, 25, SKIN)
    sheet.line([(x + 176, top + 300), (x + 206, 672)], 16, WOOD_SHADE)
    sheet.curve(
        [(x + 176, top + 306), (x + 170, top + 270), (x + 140, top + 266), (x + 130, top + 290)],
        16,
        WOOD_SHADE,
    )
    sheet.line([(x + 42, top + 164), (x + 80, top + 250), (x + 164, top + 284)], 40, BRICK)
    sheet.oval(x + 174, top + 288, 25, 25, SKIN)


def talk(sheet: Sheet) -> None:
    """Two people at a table, each with a cup."""
    for x, coat, hair, side in ((310, PINE, SOFT, 1), (890, BRICK, EDGE, -1)):
        sheet.box(x - side * 112 - 16, 300, x - side * 112 + 16, 664, WOOD_SHADE, 10)
        sheet.line([(x, 500), (x + side * 120, 520), (x + side * 124, 634)], 56, SOFT)
        sheet.box(x + side * 146 - 60, 632, x + side * 146 + 60, 668, INK, 16)
        sheet.box(x - 116, 510, x + 116, 546, WOOD, 12)
        _person(sheet, x, 170, coat, hair)
        sheet.line([(x + side * 36, 340), (x + side * 90, 426), (x + side * 176, 416)], 40, coat)
        sheet.oval(x + side * 192, 414, 25, 25, SKIN)
    sheet.box(450, 440, 750, 470, WOOD, 12)
    sheet.box(586, 466, 614, 650, WOOD_SHADE)
    sheet.box(530, 644, 670, 668, WOOD_SHADE, 12)
    for x, side in ((520, -1), (680, 1)):
        sheet.curve(
            [(x + side * 30, 396), (x + side * 54, 392), (x + side * 50, 424), (x + side * 28, 426)], 9, GOLD
        )
        sheet.box(x - 34, 384, x + 34, 442, GOLD, 14)
    sheet.box(410, 70, 580, 170, CARD, 40)
    sheet.shape([(440, 160), (400, 210), (490, 166)], CARD)
    sheet.box(620, 40, 800, 140, MINT, 40)
    sheet.shape([(770, 130), (806, 190), (720, 136)], MINT)
