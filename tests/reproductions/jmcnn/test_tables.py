"""Claims and figures compare runs of one training set, but where the training set is what is asked about."""

import dataclasses

from common.evidence.claims import NOT_TESTED, judge
from reproductions.jmcnn import tables
from reproductions.jmcnn.experiments import SWEEP
from tests.support.fake_predictions import FakePredictions
from tests.support.fake_records import FGNET, UTKFACE, measurement, record

LFW = dataclasses.replace(UTKFACE, dataset="lfw", title="LFW", images=3600)
CASIA = dataclasses.replace(UTKFACE, dataset="casia-webface", title="CASIA-WebFace", images=490_000)
CLAIMS = {claim.name: claim for claim in tables.CLAIMS}


def runs(experiment, values, trained_on):
    return [
        record(
            [measurement(value, "fgnet-oldest", FGNET, "rank-1", "cosine")],
            seed,
            experiment,
            paper="jmcnn",
            trained_on=trained_on,
            configuration={"experiment": experiment},
        )
        for seed, value in enumerate(values, 1)
    ]


def test_a_claim_about_the_loss_never_compares_two_training_sets():
    records = runs("cnn-fine-tuned", [40, 41, 42], (LFW, FGNET)) + runs(
        "jmcnn-0.1", [80, 82, 81], (CASIA, FGNET)
    )
    verdicts = judge(CLAIMS["JMCNN beats the fine-tuned baseline"], records, FakePredictions())
    assert {verdict.verdict for verdict in verdicts} == {NOT_TESTED}
    same = runs("cnn-fine-tuned", [40, 41, 42], (LFW, FGNET)) + runs("jmcnn-0.1", [50, 52, 51], (LFW, FGNET))
    (verdict,) = judge(CLAIMS["JMCNN beats the fine-tuned baseline"], same, FakePredictions())
    assert verdict.verdict == "reproduced"


def test_that_fine_tuning_helps_does():
    records = runs("cnn-base", [40, 41, 42], (LFW,)) + runs("cnn-fine-tuned", [50, 52, 51], (LFW, FGNET))
    (verdict,) = judge(CLAIMS["fine-tuning helps"], records, FakePredictions())
    assert verdict.verdict == "reproduced"


def test_a_line_over_lambda_is_of_one_training_set(tmp_path):
    records = [
        one for place, ours in enumerate(SWEEP[:3]) for one in runs(ours.name, [40 + place], (LFW, FGNET))
    ]
    records += runs(SWEEP[1].name, [80], (CASIA, FGNET))
    data = tables._sweep("fgnet", records, tmp_path)
    (series,) = data.values["series"]
    assert [point[1] for point in series["points"]] == [40, 41, 42]
