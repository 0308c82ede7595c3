"""Layer norm in float32, whatever the layers around it compute in."""

from torch import Tensor, nn
from torch.nn import functional as F


class LayerNorm(nn.LayerNorm):
    """What mixed precision gives it on a GPU; on a CPU torch 1 has none of bfloat16 with weights of float32."""

    def forward(self, x: Tensor) -> Tensor:
        return F.layer_norm(x.float(), self.normalized_shape, self.weight, self.bias, self.eps)
