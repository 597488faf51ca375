using ChineseClip.Client;
using ChineseClip.Contracts;
using ChineseClip.Model;
using ChineseClip.Model.Evaluation;
using Microsoft.Extensions.AI;

namespace ChineseClip.Cli.Tests.Documentation;

/// <summary>The C# of the pages, compiled and run. What stands between "snippet NAME" and "end" stands in the page, word for word.</summary>
internal static class Snippets
{
    public static (float[][] ImageFeatures, float[][] TextFeatures, float[][] LogitsPerImage, float[][] Probs) Seed(string[] args)
    {
        // snippet seed
        using var model = ChineseClipModel.Load(args[0]);               // what `model convert` wrote
        RgbImage image = ImageDecoder.DecodeFile(args[1]);
        string[] texts = ["杰尼龟", "妙蛙种子", "小火龙", "皮卡丘"];      // Squirtle, Bulbasaur, Charmander, Pikachu

        float[][] imageFeatures = model.GetImageFeatures([image]);      // of unit length
        float[][] textFeatures = model.GetTextFeatures(texts);

        ImageTextLogits outputs = model.Forward([image], texts);
        float[][] logitsPerImage = outputs.LogitsPerImage;              // the image-text similarity scores
        float[][] probs = outputs.Probabilities;                        // softmax over the texts
        // end
        return (imageFeatures, textFeatures, logitsPerImage, probs);
    }

    public static ImageTextLogits Inputs(ChineseClipModel model, RgbImage image, string[] texts)
    {
        // snippet inputs
        ProcessedInputs inputs = model.Processor.Process(
            texts, [image], new TokenBatchOptions { Padding = TokenPadding.MaxLength, Truncate = true, MaxLength = 32 });
        float[][] textFeatures = model.GetTextFeatures(inputs.Text!, isNormalized: false);
        float[][] imageFeatures = model.GetImageFeatures(inputs.PixelValues!, isNormalized: false);
        ImageTextLogits logits = model.Forward(inputs);
        // end
        Assert.Equal((texts.Length, 1), (textFeatures.Length, imageFeatures.Length));
        return logits;
    }

    public static ChineseClipOutput Full(string checkpoint, RgbImage image, string[] texts)
    {
        // snippet full
        using var full = ChineseClipFullModel.Load(checkpoint);         // the checkpoint itself, not a package
        ProcessedInputs inputs = ChineseClipProcessor.FromDirectory(checkpoint).Process(texts, [image]);
        ChineseClipOutput output = full.Forward(
            TextModelInput.From(inputs.Text!), inputs.PixelValues!, TowerDetails.HiddenStates | TowerDetails.Attentions);
        FloatTensor tokens = output.Text.LastHiddenState;               // [texts, tokens, hidden]
        IReadOnlyList<FloatTensor> looks = output.Vision.Attentions;    // a layer each: [pictures, heads, tokens, tokens]
        // end
        Assert.Equal(3, tokens.Shape.Count);
        Assert.Equal(4, looks[0].Shape.Count);
        return output;
    }

    public static float[][] ZeroShot(ChineseClipModel model, RgbImage image)
    {
        // snippet zero-shot
        float[][] shares = model.Classify([image], ["鱼", "猫", "房子"], ["一张{}的照片", "这是{}", "{}的图片"]);
        // end
        return shares;
    }

    public static async Task<(int Texts, int Images)> Generators(string package, byte[] jpeg)
    {
        // snippet generators
        ModelPackage opened = ModelPackage.Open(package);
        using IEmbeddingGenerator<string, Embedding<float>> texts = new TextEmbeddingGenerator(opened);
        using IEmbeddingGenerator<DataContent, Embedding<float>> images = new ImageEmbeddingGenerator(opened);
        ReadOnlyMemory<float> text = await texts.GenerateVectorAsync("雪地里的雪人");
        ReadOnlyMemory<float> image = await images.GenerateVectorAsync(new DataContent(jpeg, "image/jpeg"));
        // end
        return (text.Length, image.Length);
    }

    public static RecallScores Evaluation(string folder)
    {
        // snippet evaluation
        FeatureSet<long> texts = RetrievalFiles.ReadFeatures($"{folder}/valid_texts.txt_feat.jsonl", RetrievalDirection.TextToImage);
        FeatureSet<long> images = RetrievalFiles.ReadFeatures($"{folder}/valid_imgs.img_feat.jsonl", RetrievalDirection.ImageToText);
        RecallScores recall = RecallScores.Of(
            RetrievalFiles.ReadAnnotations($"{folder}/valid_texts.jsonl", RetrievalDirection.TextToImage), TopPredictions.Find(texts, images));
        // end
        return recall;
    }

    public static HttpChineseClipClient Client()
    {
        // snippet client
        var client = new HttpChineseClipClient(new HttpClient { BaseAddress = new Uri("http://localhost:8080") });
        // end
        return client;
    }

    public static async Task SearchAsync(HttpChineseClipClient client, TextWriter Console)
    {
        // snippet search
        var answer = await client.SearchAsync("demo", new SearchRequest { Text = "红色的鱼", K = 5 });
        foreach (var hit in answer.Hits)
            Console.WriteLine($"{hit.Score:f3}  {hit.Id}");
        // end
    }
}
