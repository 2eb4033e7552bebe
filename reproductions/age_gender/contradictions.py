"""Where the paper says two things, and which of them is done here."""

from __future__ import annotations

from common.evidence.fact_verdicts import (
    CONTRADICTION,
)
from common.evidence.facts import Fact

CONTRADICTIONS = tuple(
    Fact(source, sentence, done, "the paper's text", CONTRADICTION)
    for source, sentence, done in (
        (
            "IV.E and VI",
            "after jointly training, the result is not as good as that trained separately (IV.E); after "
            "training jointly, the result is better (VI)",
            "Both are claims of claims.md, and one measurement answers both.",
        ),
        (
            "IV.E and VII",
            "our model could also process video and display age and gender in real-time (IV.E); our project "
            "could not detect and get result in real-time (VII)",
            "`make video-age-gender` prints how many pictures a second it does.",
        ),
        (
            "III.B.2",
            "LeNet only contains 5 layers; the LeNet we use has 6 layers; the sixth and seventh layer are "
            "fully-connected",
            "5, 6 and 7 layers in one section. Built are seven.",
        ),
        (
            "III.B.2",
            "The second layer is a max-pooling layer. We compute the sum of the pixels in that area and "
            "multiplies a weight",
            "A sum with weight, bias and sigmoid is LeNet's trainable subsampling; a maximum would not have "
            "its 12 parameters. Built is the sum.",
        ),
        (
            "III.C",
            "FC7 has 100 neurons; FC8 is connected to the 1x512 output of FC7",
            "FC7's output has 100 values. Built is 100.",
        ),
        (
            "III.B.1 and IV.B",
            "we only use small dataset, about 2000 images (III.B.1); small data, which includes about 6000 "
            "training images (IV.B)",
            "The small set here is a fifth of the training images; its rows name their number.",
        ),
        (
            "V",
            "The age intervals are [0, 30], [31, 45], [46, 60], [60, 100]",
            "60 is in two intervals. It counts to the third here, and to the fourth in the authors' code.",
        ),
        (
            "Figures",
            "the age distribution is shown in figure 13; final result in figure 14; figure 16",
            "Captions end at 12, and Figures 3 and 4 exist twice. The text calls the curves of Figures 7 and "
            "8 those of 10 and 11. Of those that are not there, 13 and 16 would show the ages (here Figure "
            "11) and 14 answers on faces (here the confusion matrices and `make video-age-gender`).",
        ),
    )
)
"""In the order of what matters; nothing is counted."""
