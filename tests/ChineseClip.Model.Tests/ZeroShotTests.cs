namespace ChineseClip.Model.Tests;

public sealed class ZeroShotTests
{
    [Fact]
    public void Prompts_LabelsAndTemplates_KeepsTemplatesOfALabelTogether()
    {
        Assert.Equal(["猫", "一只猫", "狗", "一只狗"], ZeroShot.Prompts(["猫", "狗"], ["{}", "一只{}"]));
        Assert.Equal(["一张猫的照片"], ZeroShot.Prompts(["猫"]));
    }

    [Fact]
    public void Prompts_NothingToFill_Refuses()
    {
        Assert.Contains("must contain", Assert.Throws<ArgumentException>(() => ZeroShot.Prompts(["猫"], ["照片"])).Message, StringComparison.Ordinal);
        Assert.Contains("labels[1]", Assert.Throws<ArgumentException>(() => ZeroShot.Prompts(["猫", " "])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ZeroShot.Prompts([]));
        Assert.Throws<ArgumentException>(() => ZeroShot.Prompts(["猫"], []));
    }

    [Fact]
    public void CombinePrompts_Ensemble_GivesMeanAtUnitLength()
    {
        float[][] classes = ZeroShot.CombinePrompts([[1, 0], [0, 1], [0.6f, 0.8f], [0.6f, 0.8f]], 2);

        Assert.Equal(Math.Sqrt(0.5), classes[0][0], 1e-6);
        Assert.Equal(0.6, classes[1][0], 1e-6);
        Assert.Equal(0.8, classes[1][1], 1e-6);
    }

    [Fact]
    public void Softmax_LargeLogits_StaysFinite()
    {
        Assert.Equal([0.5f, 0.5f, 0f], Similarity.Softmax([1000, 1000, -1000]));
        Assert.Empty(Similarity.Softmax([]));
    }

    [Fact]
    public void ContrastiveLoss_UnpairedCounts_Refuses()
    {
        ImageTextLogits logits = Similarity.Compare([[1, 0]], [[1, 0], [0, 1]], 10);

        Assert.Contains("1 pictures and 2 texts", Assert.Throws<ArgumentException>(() => Similarity.ContrastiveLoss(logits)).Message, StringComparison.Ordinal);
    }
}
