namespace ChineseClip.Model.Checkpoints;

/// <summary>Fits the vision tower's positions to pictures of another size, as OFA-Sys does when it loads a checkpoint.</summary>
/// <remarks>
/// The class token's row stays; the others form a square that is resized by bicubic interpolation with both corners aligned.
/// Source: OFA-Sys/Chinese-CLIP, cn_clip/clip/utils.py, resize_pos_embed; torch, UpSample.h (cubic convolution with A = -0.75).
/// </remarks>
internal static class PositionResize
{
    private const string Positions = TensorLayout.VisionEmbeddings + "position_embedding.weight";
    private const int MaxImageSize = 4096;
    private const int Taps = 4;

    /// <exception cref="ArgumentException">The picture is smaller than a patch or larger than 4096.</exception>
    /// <exception cref="ModelFormatException">The checkpoint's positions are no square.</exception>
    public static (Checkpoint Checkpoint, ChineseClipConfig Config) Apply(Checkpoint checkpoint, ChineseClipConfig config, int imageSize)
    {
        int smallest = config.VisionConfig.PatchSize;
        if (imageSize < smallest || imageSize > MaxImageSize)
        {
            throw new ArgumentException($"The picture size is {imageSize}; this model takes {smallest}..{MaxImageSize}, and its patches are {smallest} wide.");
        }

        if (config.VisionConfig is { ResNetLayers: not null } resNet && resNet.ImageSize != imageSize)
        {
            throw new ModelFormatException(
                checkpoint.Path,
                $"holds a ResNet vision tower for pictures of {resNet.ImageSize}, not {imageSize}; OFA-Sys resizes the positions of vision transformers alone");
        }

        ChineseClipVisionConfig vision = config.VisionConfig with { ImageSize = imageSize };
        ChineseClipConfig resized = config with { VisionConfig = vision };
        if (!checkpoint.Tensors.TryGetValue(Positions, out CheckpointTensor? source) || source.Shape.Count != 2)
        {
            return (checkpoint, resized);
        }

        int rows = source.Shape[0];
        int width = source.Shape[1];
        int from = (int)Math.Sqrt(rows - 1);
        if (from < 1 || (from * from) + 1 != rows)
        {
            throw new ModelFormatException(
                checkpoint.Path, $"tensor \"{Positions}\" has {rows} rows; expected a square number and one to resize them");
        }

        int to = vision.GridSize;
        if (to == from)
        {
            return (checkpoint, resized);
        }

        var tensors = new Dictionary<string, CheckpointTensor>(checkpoint.Tensors, StringComparer.Ordinal)
        {
            [Positions] = DerivedTensor.Computed(source, [(to * to) + 1, width], () => Resize(source.ToArray(), width, from, to)),
        };
        return (new Checkpoint(checkpoint.Path, tensors, checkpoint), resized);
    }

    /// <param name="positions">[1 + from², width].</param>
    /// <param name="width">Length of a row.</param>
    /// <param name="from">Rows and columns of the square.</param>
    /// <param name="to">Rows and columns wanted.</param>
    /// <returns>[1 + to², width].</returns>
    public static float[] Resize(float[] positions, int width, int from, int to)
    {
        (int[] Places, double[] Weights)[] axis = [.. Enumerable.Range(0, to).Select(i => Sample(i, from, to))];
        float[] resized = new float[((to * to) + 1) * width];
        positions.AsSpan(0, width).CopyTo(resized);
        for (int row = 0; row < to; row++)
        {
            for (int column = 0; column < to; column++)
            {
                Span<float> destination = resized.AsSpan((1 + (row * to) + column) * width, width);
                for (int channel = 0; channel < width; channel++)
                {
                    destination[channel] = (float)Interpolate(positions, (1, from, width, channel), axis[row], axis[column]);
                }
            }
        }

        return resized;
    }

    private static double Interpolate(
        float[] positions,
        (int FirstRow, int Side, int Width, int Channel) grid,
        (int[] Places, double[] Weights) row,
        (int[] Places, double[] Weights) column)
    {
        double sum = 0;
        for (int y = 0; y < Taps; y++)
        {
            for (int x = 0; x < Taps; x++)
            {
                int place = grid.FirstRow + (row.Places[y] * grid.Side) + column.Places[x];
                sum += row.Weights[y] * column.Weights[x] * positions[(place * grid.Width) + grid.Channel];
            }
        }

        return sum;
    }

    /// <summary>The four neighbours of a place and their weights; neighbours beyond the edge are the edge.</summary>
    private static (int[] Places, double[] Weights) Sample(int index, int from, int to)
    {
        double place = to == 1 ? 0 : (double)index * (from - 1) / (to - 1);
        int floor = (int)Math.Floor(place);
        double t = place - floor;
        int[] places = [.. Enumerable.Range(floor - 1, Taps).Select(p => Math.Clamp(p, 0, from - 1))];
        return (places, [Outer(t + 1), Inner(t), Inner(1 - t), Outer(2 - t)]);
    }

    private static double Inner(double x) => (((1.25 * x) - 2.25) * x * x) + 1;

    private static double Outer(double x) => (((((-0.75 * x) + 3.75) * x) - 6) * x) + 3;
}
