"""Pasted web pages in our own words, in the shape real ones have: furniture around, the tip between."""

ENGLISH = """\
PO Box 100 Station Main Red Deer, Alberta, Canada T4N 0A1

#7 Warm Up Slowly

Cold muscles complain.\u00a0 Five quiet minutes help them, and your joints, to get ready for the day.


In one small study, older people who warmed up first said that walking felt easier. (1)

March on the spot.\u00a0 Roll your shoulders. Then go, and stop when it hurts.

Woman in a blue coat marching on the spot
Image Source:\u00a0Rosehip\u00a0from\u00a0Pexels

If you use a cane

Stand behind a chair: \u00a0hold its back with one hand. A stable chair lowers the risk of a fall. (2)

Change hands after ten steps.

Talk to your doctor

Ask before you begin if your heart is weak. Start with less than you think you can do.


  1. Example Institute (EIM). “Warm-Up?” Example. Example, 4 May 2015. www.example.org/05/150504.htm
  2. Doe J, Roe R. A chair is a friend.\u00a0Ex J Balance. 2012;3(2):45-51.

Food for thought…

We can’t do it alone

Share this article
Subscribe to our newsletter
Choose notices to receive:
Skip to content
"""

FRENCH = """\
Passer au contenu
C. P. 100, succ. Centre-ville, Red Deer (Alberta) T4N 0A1

Conseil 7 : Échauffez-vous doucement

Les muscles froids se plaignent. Cinq minutes calmes les préparent pour la journée.


Dans une petite étude, la marche semblait plus facile après un échauffement. (1)

Femme en manteau bleu qui marche sur place
Source de l’image : Rosehip de Pexels

Si vous avez une canne

Tenez le dossier d’une chaise : une chaise stable aide à ne pas tomber. (2)

Parlez-en à votre médecin

Demandez avant de commencer si votre cœur est faible.

Références

1. Institut d’exemple. « L’échauffement aide-t-il? » Le Quotidien, 4 mai 2015. www.example.org/fr/150504.htm
2. Doe J, Roe R. Une chaise est une amie. Ex J Balance. 2012;3(2):45-51.

Matière à réflexion…

Nous avons besoin de vous

Partager cet article
Abonnez-vous à notre infolettre
Choisissez les avis à recevoir :
"""

MARKDOWN = """\
---
number: 7
language: en
title: Warm up slowly
lead: Cold muscles complain. Five quiet minutes help.[^1]
notice: tips
slug: warm-up
disclaimer: Ask before you begin if your heart is weak.
image:
  file: chair.png
  alt: A chair beside a wall
  creator: Nerves & Me
  licence: CC BY 4.0
references:
  - Doe J, Roe R. A chair is a friend. Ex J Balance. 2012;3(2):45-51.
  - title: Does a warm-up help?
    authors: Example Institute
    year: 2015
    url: https://example.org/warm
related: [3, 5]
reviewed_by: Dr. Ann Example
reviewed_on: 2026-03-01
---

March on the spot.

## If you use a cane

Hold a chair with one hand.[^2]
"""
