"""Table 1 out of the networks themselves."""

from __future__ import annotations

from common.networks.residual import CHANNELS, UNITS, residual_age_network

STAGES = ("conv1_x", "conv2_x", "conv3_x", "conv4_x", "conv5_x")
PRINTED = {"conv1_x": 112, "conv2_x": 56, "conv3_x": 28, "conv4_x": 14, "conv5_x": 7}
"""Output sizes as the paper prints them, in pixels."""


def table1_markdown() -> str:
    """Return Table 1 as measured on the built networks, beside the sizes that the paper prints."""
    networks = {depth: residual_age_network(depth) for depth in UNITS}
    lines = [
        "| Layer | Output (paper) | Output (built) | 18-layer CNN | 34-layer CNN |",
        "|---|---:|---:|---|---|",
        f"| conv1_x | 112×112 | {_side(networks, 'conv1_x')} | "
        "[3×3, 64] × 1, 3×3 max pooling, S2 | the same |",
    ]
    for number, stage in enumerate(STAGES[1:]):
        blocks = [f"[3×3, {CHANNELS[number]}; 3×3, {CHANNELS[number]}] × {UNITS[d][number]}" for d in UNITS]
        printed = f"{PRINTED[stage]}×{PRINTED[stage]}"
        lines.append(f"| {stage} | {printed} | {_side(networks, stage)} | {blocks[0]} | {blocks[1]} |")
    lines.append("| | 1×1 | 1×1 | average pooling, 100-d FC, softmax | the same |")
    counts = " | ".join(f"{network.count_params():,}" for network in networks.values())
    lines.append(f"| parameters | – | – | {counts} |")
    return "\n".join(lines) + "\n"


def _side(networks: dict, stage: str) -> str:
    sides = {network.get_layer(stage).output.shape[1:3] for network in networks.values()}
    (side,) = sides
    return f"{side[0]}×{side[1]}"
