"""The tip that a volunteer of the tests writes: as long, and of as many parts, as one of a real charity."""

from __future__ import annotations

from tests.journeys.volunteer import Piece, Side

ENGLISH = """Cold feet are common when nerves are hurt. They may feel cold and still be warm.[^1] Do not trust
the feeling alone. Touch your foot with the back of your hand.

Many people reach for a hot bottle. That can burn skin that feels little.[^2][^3]

## Warm the whole of you

A hat and a scarf help your feet, too. Your body sends more blood to them when it is warm.[^4]

- Put on two thin pairs of socks.
- Walk about for five minutes.
- Drink something warm.[^5]

## What to leave alone

Leave hot bottles, heating pads and open fires.[^6] Test a foot bath with your elbow first.[^7][^8]

## If you have diabetes

Look at your feet each evening, with a mirror for the soles.[^9] Cold can hide a sore for days.[^10]

## Shoes and socks

Choose shoes with room for your toes.[^11] Wool keeps feet warm even when it is damp.[^12]"""
FRENCH = """Avoir les pieds froids est courant quand les nerfs sont touchés. Ils peuvent sembler froids et
être chauds.[^1] Ne vous fiez donc pas à cette seule impression. Touchez votre pied du dos de la main.

On prend souvent une bouillotte. Elle peut brûler une peau qui sent peu.[^2][^3]

## Réchauffez tout le corps

Une tuque et un foulard aident aussi vos pieds. Un corps au chaud leur envoie plus de sang.[^4]

- Mettez deux paires de bas minces.
- Marchez cinq minutes.
- Buvez quelque chose de chaud.[^5]

## À éviter

Évitez bouillottes, coussins chauffants et feux ouverts.[^6] Essayez d'abord l'eau du coude.[^7][^8]

## Si vous avez le diabète

Regardez vos pieds chaque soir, avec un miroir pour la plante.[^9]
Le froid peut cacher une plaie des jours durant.[^10]

## Souliers et bas

Prenez des souliers où vos orteils ont de la place.[^11] La laine reste chaude, même humide.[^12]"""
TOPICS = ("Cold feet", "Burns at home", "Hot bottles", "Hats and blood flow", "Warm drinks", "Heating pads")
TOPICS += ("Water by touch", "Foot baths", "Evening checks", "Sores in winter", "Room for toes", "Wool")
PIECE = Piece(
    number=24,
    english=Side(
        title="Warm your cold feet safely",
        lead="Cold feet can be warmed without a burn. Begin with a hat, a walk and a second pair of socks.",
        body=ENGLISH,
        disclaimer="Ask your doctor if your feet stay cold, turn white or blue, or have a sore.",
        alt="A bare foot held above a round hand mirror",
    ),
    french=Side(
        title="Réchauffez vos pieds sans risque",
        lead="On peut réchauffer ses pieds sans se brûler. Commencez par une tuque, une marche et des bas.",
        body=FRENCH,
        disclaimer="Parlez-en à votre médecin si vos pieds restent froids ou s'ils ont une plaie.",
        alt="Un pied nu au-dessus d'un miroir rond",
    ),
    creator="Ida Roy",
    source="Walk On",
    references=tuple(
        f"{number}. Roy I, Kim K. {topic}. J Walk. {2010 + number};{number}(1):1-9. doi:10.1000/warm.{number}"
        for number, topic in enumerate(TOPICS, 1)
    ),
)
